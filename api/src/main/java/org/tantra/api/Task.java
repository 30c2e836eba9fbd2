package org.tantra.api;

import java.util.Locale;

/// What a model is for, as configuration and routes call it. Open: a plugin may name a task of its
/// own.
///
/// @param id lower-case word
public record Task(String id) {
  public static final Task TEXT = new Task("text");
  public static final Task OCR = new Task("ocr");
  public static final Task TRANSCRIPTION = new Task("transcription");
  public static final Task SPEECH = new Task("speech");

  /// What an encoder is for: `image-embedding`.
  public static Task embedding(Modality modality) {
    return new Task(modality.name().toLowerCase(Locale.ROOT) + "-embedding");
  }

  public Task {
    if (!id.matches("[a-z][a-z0-9_-]*")) {
      throw new IllegalArgumentException(
          "'" + id + "' is not a task id: lower-case letters, digits, - and _");
    }
  }
}
