package org.tantra.plugin.coqui;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.tantra.api.Cancellation;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.nn.StateDict;
import org.tantra.nn.Trace;
import org.tantra.nn.parity.Comparison;
import org.tantra.nn.parity.HiddenStates;

/// Compares Tacotron 2 with the reference: encoder, alignments, stop probabilities, mel frames, the
/// inside of the first steps, and a run that is fed a given recording.
public final class TacotronParity implements ParityCheck {
  @Override
  public Set<String> families() {
    return Set.of("coqui-tacotron2");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    double tolerance = golden.expected().section("tolerance").number("max_abs", 2e-4);
    Comparison comparison = new Comparison(golden, tolerance, 0);
    try (Arena copies = Arena.ofShared()) {
      StateDict weights = new StateDict(golden.name(), golden.checkpoint().weights(), copies);
      TacotronNetwork network =
          CoquiModel.acousticModel(golden.checkpoint(), weights, golden.compute());
      int[] ids = comparison.integers("in.ids");
      encoder(comparison, network, ids);
      spoken(golden, comparison, network, ids);
      if (comparison.has("in.teacher_mel")) {
        taught(comparison, network, ids);
      }
      return comparison.findings();
    }
  }

  private static void encoder(Comparison comparison, TacotronNetwork network, int[] ids) {
    float[] encoded = network.encode(ids);
    comparison.check("enc.out", encoded);
    if (comparison.has("enc.processed")) {
      comparison.check("enc.processed", network.prepared(encoded, ids.length));
    }
  }

  private static void spoken(
      ParityCase golden, Comparison comparison, TacotronNetwork network, int[] ids) {
    Steps steps = new Steps(ids.length);
    TacotronNetwork.Decoded decoded =
        network.decode(ids, Integer.MAX_VALUE, steps, Cancellation.NEVER);
    int expected = golden.expected().integer("decoder_steps", decoded.steps());
    comparison.checkExactly("decoder_steps", new int[] {decoded.steps()}, new int[] {expected});
    boolean stopped =
        golden.expected().text("stopped_by", "stopnet").toLowerCase(Locale.ROOT).equals("stopnet");
    comparison.checkExactly(
        "stopped_by", new int[] {decoded.stopped() ? 1 : 0}, new int[] {stopped ? 1 : 0});
    comparison.check("mel.decoder", decoded.raw());
    comparison.check("mel.postnet", decoded.mel());
    comparison.check("alignments", steps.alignments.values("alignments"));
    comparison.check("stop_prob", steps.alignments.values("stop_prob"));
    steps.inside.compare(comparison, "");
    missing(comparison, steps);
  }

  /// What a case wants to see of a step that was not taken differs from it by all.
  private static void missing(Comparison comparison, Steps steps) {
    for (String name : new TreeSet<>(comparison.unread())) {
      if (name.startsWith("step")) {
        comparison.check(name, steps.inside.values(name));
      }
    }
  }

  private static void taught(Comparison comparison, TacotronNetwork network, int[] ids) {
    float[] teacher = comparison.floats("in.teacher_mel");
    int mels = network.mels();
    int block = network.reduction() * mels;
    int steps = teacher.length / block;
    HiddenStates seen = new HiddenStates();
    TacotronDecoder.Run run = network.begin(network.encode(ids), ids.length);
    float[] before = new float[mels];
    for (int step = 0; step < steps; step++) {
      float[] frames = run.step(before, Trace.NONE);
      seen.add("teacher.mel.decoder", frames, frames.length);
      seen.add("teacher.alignments", floats(run.alignment()), ids.length);
      seen.add("teacher.stop_logit", new float[] {run.stopLogit()}, 1);
      before = Arrays.copyOfRange(teacher, (step + 1) * block - mels, (step + 1) * block);
    }
    seen.compare(comparison, "");
    if (comparison.has("teacher.mel.postnet")) {
      comparison.check("teacher.mel.postnet", network.refine(seen.values("teacher.mel.decoder")));
    }
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /// Notes what the steps let see.
  private static final class Steps implements TacotronNetwork.StepTrace {
    private final HiddenStates alignments = new HiddenStates();
    private final HiddenStates inside = new HiddenStates();
    private final int characters;

    Steps(int characters) {
      this.characters = characters;
    }

    @Override
    public Trace of(int step) {
      return (place, x, length) -> {
        if (step < 16) {
          inside.add("step" + step + "." + place, x, length);
        }
      };
    }

    @Override
    public void stepped(int step, TacotronDecoder.Run run) {
      float[] weights = floats(run.alignment());
      alignments.add("alignments", weights, characters);
      alignments.add("stop_prob", new float[] {(float) run.stopProbability()}, 1);
      if (step < 16) {
        inside.add("step" + step + ".alignment", weights, characters);
      }
    }
  }
}
