package org.tantra.host.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.SpeechSynthesis.Request;
import org.tantra.api.SpeechSynthesis.Speech;
import org.tantra.api.TantraException;
import org.tantra.host.Host;
import org.tantra.host.resolve.SpeechAnswer;
import org.tantra.media.SoundFormat;
import org.tantra.media.WavWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tantra speak`: says a text.
@Command(
    name = "speak",
    description = "Say a text, into a file or as WAV on stdout, sentence by sentence.",
    mixinStandardHelpOptions = true)
final class SpeakCommand implements Callable<Integer> {
  private final TantraCli tantra;

  @Parameters(paramLabel = "TEXT", description = "What to say; '-' reads it from stdin.")
  private String text = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "File to write: .wav, .flac, .opus or .pcm. Default: WAV on stdout, if that is no"
              + " terminal.")
  private @Nullable Path output;

  @Option(
      names = "--voice",
      paramLabel = "ID",
      description = "Whose voice. Default: the model's first.")
  private @Nullable String voice;

  @Option(
      names = "--speed",
      paramLabel = "X",
      description = "1 is the natural tempo, 2 twice as fast; 0.25 to 4.")
  private double speed = 1;

  @Mixin private final MediaFlags who = new MediaFlags();
  @Mixin private final HostFlags host = new HostFlags();

  SpeakCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    Path file = output;
    if (file == null && (tantra.console().outTerminal() || tantra.json())) {
      throw new TantraException(
          ErrorKind.INVALID, "Say where the speech shall go: -o hello.wav, or pipe stdout.");
    }
    SoundFormat format = file == null ? SoundFormat.WAV : SpeechFile.format(file);
    Request request = new Request(text.equals("-") ? standardInput() : text, voice, speed);
    try (Interruption interruption = Interruption.watch();
        Host opened = tantra.open(host);
        SpeechAnswer answer = opened.speak(who.call(request, interruption))) {
      Receipt.tell(tantra.console(), answer.served(), "it only makes noise");
      if (file == null) {
        stream(answer);
      } else {
        write(answer, file, format);
      }
    }
    return ExitCode.OK;
  }

  private void write(SpeechAnswer answer, Path file, SoundFormat format) {
    try (SpeechFile speech = SpeechFile.create(file, format, answer.sampleRateHz())) {
      for (Optional<Speech> part = answer.next(); part.isPresent(); part = answer.next()) {
        speech.append(part.get().samples().toFloats());
      }
      speech.finish();
      if (tantra.json()) {
        Map<String, Object> document = Receipt.document(answer.served());
        document.put("file", file.toString());
        document.put("seconds", speech.seconds());
        document.put("sample_rate", answer.sampleRateHz());
        Json.print(tantra.console().out(), document);
      } else {
        tantra
            .console()
            .err()
            .printf(
                Locale.ROOT,
                "tantra: %s: %.1f s of speech at %d Hz by %s.%n",
                file,
                speech.seconds(),
                answer.sampleRateHz(),
                answer.served().model());
      }
    }
  }

  private void stream(SpeechAnswer answer) {
    var out = tantra.console().out();
    out.writeBytes(WavWriter.streamHeader16(answer.sampleRateHz(), 1));
    for (Optional<Speech> part = answer.next(); part.isPresent(); part = answer.next()) {
      out.writeBytes(WavWriter.pcm16(part.get().samples().toFloats()));
      out.flush();
    }
  }

  private String standardInput() {
    try {
      return new String(tantra.console().in().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("stdin cannot be read", e);
    }
  }
}
