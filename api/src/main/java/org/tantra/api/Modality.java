package org.tantra.api;

/// A kind of media.
public enum Modality {
  TEXT,
  AUDIO,
  IMAGE,
  VIDEO
}
