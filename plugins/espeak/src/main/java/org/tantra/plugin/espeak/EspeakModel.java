package org.tantra.plugin.espeak;

import java.util.List;
import java.util.Set;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ModelInfo;
import org.tantra.api.Needs;
import org.tantra.api.SpeechSynthesis.Voice;
import org.tantra.api.Task;

/// The extension `espeak`: formant voices in over a hundred languages, on machines where the
/// program `espeak-ng` is installed. Elsewhere it declines, and `freetts` speaks.
///
/// No voice declares it as a stand-in, so that a request sounds the same on every machine and
/// starts no other program unasked; who wants it names it.
public final class EspeakModel implements Model {
  @Override
  public ModelInfo info() {
    return new ModelInfo(
        "espeak",
        "Voices of espeak-ng, where that is installed",
        Set.of(Task.SPEECH),
        Needs.NOTHING,
        List.of("freetts"));
  }

  @Override
  public LoadedModel load(LoadContext context) {
    context.progress().stage("asking espeak-ng for its voices");
    EspeakSettings settings = EspeakSettings.of(context.settings().section("model"));
    EspeakProgram program = new EspeakProgram(settings.find(), settings.limit());
    String version = program.text(List.of("--version"), context.cancellation()).strip();
    List<Voice> voices =
        EspeakVoices.of(
            program.text(List.of("--voices"), context.cancellation()), settings.voice());
    return new LoadedEspeak(program, voices, version);
  }
}
