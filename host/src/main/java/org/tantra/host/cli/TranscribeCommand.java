package org.tantra.host.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tantra.api.TantraException;
import org.tantra.api.Transcription.Request;
import org.tantra.api.Transcription.Segment;
import org.tantra.host.Host;
import org.tantra.host.InputFile;
import org.tantra.host.Transcript;
import org.tantra.host.resolve.TranscriptAnswer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tantra transcribe`: writes down what is said.
@Command(
    name = "transcribe",
    description = "Write down what is said in recordings; text comes as it is decided.",
    mixinStandardHelpOptions = true)
final class TranscribeCommand implements Callable<Integer> {
  enum Task {
    TRANSCRIBE,
    TRANSLATE
  }

  private final TantraCli tantra;

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Recordings: WAV, FLAC, MP3, Opus; told apart by content.")
  private List<Path> files = List.of();

  @Option(
      names = "--language",
      paramLabel = "CODE",
      description = "What is spoken, such as en. Default: it is found out.")
  private @Nullable String language;

  @Option(
      names = "--task",
      description = "transcribe, or translate into English. Default: transcribe.")
  private Task task = Task.TRANSCRIBE;

  @Option(
      names = {"-f", "--format"},
      description = "text, json, verbose_json, srt, vtt or tsv. Default: text.")
  private Transcript.Format format = Transcript.Format.TEXT;

  @Option(names = "--word-timestamps", description = "Say when each word is said.")
  private boolean words;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description = "Taken as said before, for names and style.")
  private @Nullable String prompt;

  @Option(
      names = "--beams",
      paramLabel = "N",
      description = "Beams at temperature 0; 1 decodes greedily.")
  private int beams = 1;

  @Mixin private final MediaFlags who = new MediaFlags();
  @Mixin private final HostFlags host = new HostFlags();

  TranscribeCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    List<Map<String, Object>> documents = new ArrayList<>();
    ItemFailures failures = new ItemFailures(tantra, files.size());
    try (Interruption interruption = Interruption.watch();
        Host opened = tantra.open(host)) {
      for (Path file : files) {
        try {
          documents.add(transcribe(opened, file, interruption));
        } catch (TantraException e) {
          failures.add(file.toString(), e);
          documents.add(failures.document("file", file.toString()));
        }
      }
      if (json()) {
        Json.print(
            tantra.console().out(),
            documents.size() == 1 ? documents.getFirst() : Map.of("files", documents));
      }
    }
    return failures.exitCode();
  }

  private boolean json() {
    return tantra.json() || format.json();
  }

  private Map<String, Object> transcribe(Host opened, Path file, Interruption interruption) {
    Request request =
        new Request(
            InputFile.map(file), task == Task.TRANSLATE, language, prompt, List.of(), beams, words);
    try (TranscriptAnswer answer = opened.transcribe(who.call(request, interruption))) {
      Receipt.tell(tantra.console(), answer.served(), "its words mean nothing");
      if (files.size() > 1 && !json()) {
        tantra.console().out().println("== " + file + " ==");
      }
      Transcript transcript = read(file, answer);
      if (!json() && format != Transcript.Format.TEXT) {
        tantra.console().out().print(transcript.written(format));
      }
      return document(file, answer, transcript);
    }
  }

  /// Reads to the end; plain text is printed segment by segment.
  private Transcript read(Path file, TranscriptAnswer answer) {
    boolean stream = format == Transcript.Format.TEXT && !tantra.json();
    List<Segment> segments = new ArrayList<>();
    try (ProgressLine progress = new ProgressLine(tantra.console())) {
      progress.stage(String.valueOf(file.getFileName()));
      for (Optional<Segment> segment = answer.next();
          segment.isPresent();
          segment = answer.next()) {
        segments.add(segment.get());
        if (stream) {
          progress.wipe();
          tantra.console().out().println(segment.get().text().strip());
          tantra.console().out().flush();
        }
        progress.advance(
            Math.round(answer.doneSeconds() * 1000), Math.round(answer.durationSeconds() * 1000));
      }
    }
    return new Transcript(
        task == Task.TRANSLATE, answer.language(), answer.durationSeconds(), segments);
  }

  private Map<String, Object> document(Path file, TranscriptAnswer answer, Transcript transcript) {
    Map<String, Object> document = Receipt.document(answer.served());
    document.put("file", file.toString());
    document.putAll(
        transcript.document(
            format == Transcript.Format.JSON ? format : Transcript.Format.VERBOSE_JSON, words));
    return document;
  }
}
