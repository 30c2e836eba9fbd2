package org.tantra.api;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Capability: writes down what is said in a recording.
public interface Transcription extends Capability {
  /// Languages it understands, as ISO 639-1 codes where there is one.
  List<String> languages();

  /// Starts one request: checks it, but decodes no audio yet. Segments follow in the order of time,
  /// each as soon as it is decided.
  ///
  /// @throws TantraException `INVALID` if a value is out of range or the language is unknown;
  ///   `UNSUPPORTED` if this checkpoint has not learned what is asked, such as translating
  Running transcribe(Request request);

  /// What to write down and how.
  ///
  /// @param audio an encoded file: WAV, FLAC, MP3, Opus; told apart by content
  /// @param translate whether to write English whatever is spoken
  /// @param language what is spoken; null to find out
  /// @param prompt text that is taken as said before, for names and style; null for none
  /// @param temperatures tried in order until a window decodes well; empty for the model's own
  /// @param beams beams at temperature 0; 1 decodes greedily
  /// @param wordTimestamps whether segments carry their words
  record Request(
      MemorySegment audio,
      boolean translate,
      @Nullable String language,
      @Nullable String prompt,
      List<Double> temperatures,
      int beams,
      boolean wordTimestamps) {
    /// @throws TantraException `INVALID`, naming the value at fault
    public Request {
      requireNonNull(audio, "audio");
      temperatures = List.copyOf(temperatures);
      if (temperatures.stream().anyMatch(value -> !(value >= 0 && value <= 2))) {
        throw new TantraException(
                ErrorKind.INVALID, "temperature is " + temperatures + "; it must be 0 to 2.")
            .about("temperature");
      }
      if (beams < 1 || beams > 16) {
        throw new TantraException(
                ErrorKind.INVALID, "beams is " + beams + "; it must be between 1 and 16.")
            .about("beams");
      }
    }

    /// Transcribes in the language that is spoken, with the model's own settings.
    public static Request of(MemorySegment audio) {
      return new Request(audio, false, null, null, List.of(), 1, false);
    }
  }

  /// A transcription under way.
  interface Running extends Answer<Segment> {
    /// What is spoken: as requested, or as found out by the first [#next()].
    String language();

    /// Length of the recording; known after the first [#next()].
    double durationSeconds();

    /// How far in the recording the work has come.
    double doneSeconds();
  }

  /// A stretch of speech and its text.
  ///
  /// @param id counts from 0
  /// @param startSeconds from the beginning of the recording
  /// @param endSeconds from the beginning of the recording
  /// @param text as decoded, with its leading space
  /// @param tokens token ids, timestamps included
  /// @param temperature at which it was decoded
  /// @param averageLogprob mean log-probability of its window's tokens
  /// @param compressionRatio of its window's text; high when the text repeats itself
  /// @param noSpeechProbability that its window holds no speech, 0..1
  /// @param words empty unless asked for
  record Segment(
      int id,
      double startSeconds,
      double endSeconds,
      String text,
      List<Integer> tokens,
      double temperature,
      double averageLogprob,
      double compressionRatio,
      double noSpeechProbability,
      List<Word> words) {
    public Segment {
      requireNonNull(text, "text");
      tokens = List.copyOf(tokens);
      words = List.copyOf(words);
    }
  }

  /// A word and when it is said.
  ///
  /// @param text with its leading space and the punctuation that belongs to it
  /// @param probability of its tokens, 0..1
  record Word(String text, double startSeconds, double endSeconds, double probability) {
    public Word {
      requireNonNull(text, "text");
    }
  }
}
