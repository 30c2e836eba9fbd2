package org.tantra.media;

/// A file of mono sound being written: bytes come out while samples come in, and memory does not
/// grow. Used by one thread, in this order: [#header()], [#add] any number of times, [#finish()].
public interface SoundEncoder {
  /// What the file begins with.
  byte[] header();

  /// Takes samples in.
  ///
  /// @param mono full scale is ±1; cut there
  /// @return the bytes that are decided by now, perhaps none
  byte[] add(float[] mono);

  /// What is left when the last sample has come.
  byte[] finish();
}
