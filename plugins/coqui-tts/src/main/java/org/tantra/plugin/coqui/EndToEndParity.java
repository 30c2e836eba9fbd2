package org.tantra.plugin.coqui;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tantra.api.Cancellation;
import org.tantra.api.Checkpoint;
import org.tantra.api.ErrorKind;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.StateDict;
import org.tantra.nn.parity.Comparison;

/// Compares the whole way from text to samples with the reference, on the networks of two cases
/// that lie beside this one.
public final class EndToEndParity implements ParityCheck {
  @Override
  public Set<String> families() {
    return Set.of("coqui-e2e");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    List<String> uses = golden.expected().texts("uses");
    if (uses.size() != 2) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          "Case '%s' uses %s; an acoustic model and a vocoder are needed."
              .formatted(golden.name(), uses));
    }
    Checkpoint acoustic = golden.checkpointOf(uses.get(0));
    Checkpoint vocoderFiles = golden.checkpointOf(uses.get(1));
    try (Arena copies = Arena.ofShared()) {
      TacotronNetwork network =
          CoquiModel.acousticModel(
              acoustic,
              new StateDict(acoustic.name(), acoustic.weights(), copies),
              golden.compute());
      AudioConfig audio = ConfigFile.read(acoustic, json -> AudioConfig.of(json.section("audio")));
      MelAudio writer = new MelAudio(audio, null);
      StateDict vocoderWeights = new StateDict(vocoderFiles.name(), vocoderFiles.weights(), copies);
      Vocoder vocoder = CoquiModel.neural(vocoderFiles, vocoderWeights, writer, golden.compute());
      CharacterIds characters =
          ConfigFile.read(
              acoustic, json -> CharacterIds.of(json, Settings.empty("no older characters")));
      List<Finding> findings = new ArrayList<>();
      List<Object> cases = golden.expected().list("cases");
      for (int i = 0; i < cases.size(); i++) {
        Settings values =
            Settings.of("expected.json", Map.of("case", cases.get(i))).section("case");
        findings.addAll(sentence(golden, i, values, characters, network, vocoder, writer));
      }
      return findings;
    }
  }

  private static List<Finding> sentence(
      ParityCase golden,
      int index,
      Settings values,
      CharacterIds characters,
      TacotronNetwork network,
      Vocoder vocoder,
      MelAudio audio) {
    Settings tolerance = golden.expected().section("tolerance");
    Comparison mels = new Comparison(golden, tolerance.number("mel_max_abs", 3e-4), 0);
    Comparison waves = new Comparison(golden, tolerance.number("wave_max_abs", 3e-4), 0);
    String text = values.text("text");
    int[] ids = characters.of(text);
    mels.checkExactly(
        index + ".cleaned",
        characters.clean(text).codePoints().toArray(),
        values.text("cleaned").codePoints().toArray());
    mels.checkExactly(
        index + ".ids", ids, values.integers("ids").stream().mapToInt(Integer::intValue).toArray());
    TacotronNetwork.Decoded decoded =
        network.decode(ids, Integer.MAX_VALUE, TacotronNetwork.StepTrace.NONE, Cancellation.NEVER);
    mels.checkExactly(
        index + ".decoder_steps",
        new int[] {decoded.steps()},
        new int[] {values.integer("decoder_steps")});
    mels.check(index + ".mel.postnet", decoded.mel());
    waves.check(
        index + ".out.wave", audio.trimmed(vocoder.apply(decoded.mel(), Cancellation.NEVER)));
    List<Finding> findings = new ArrayList<>(mels.findings());
    findings.addAll(waves.findings());
    return findings;
  }
}
