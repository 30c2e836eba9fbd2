package org.tantra.api;

/// What a model is for, as configuration and routes call it. Open: a plugin may name a task of its
/// own.
///
/// @param id lower-case word
public record Task(String id) {
  public static final Task TEXT = new Task("text");
  public static final Task OCR = new Task("ocr");
  public static final Task TRANSCRIPTION = new Task("transcription");
  public static final Task SPEECH = new Task("speech");

  public Task {
    if (!id.matches("[a-z][a-z0-9_-]*")) {
      throw new IllegalArgumentException(
          "'" + id + "' is not a task id: lower-case letters, digits, - and _");
    }
  }
}
