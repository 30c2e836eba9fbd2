package org.tantra.nn.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// A tokenizer of Hugging Face's library, freed with an arena. Safe from any thread.
final class NativeTokenizer {
  private final TokenizersLibrary library = TokenizersNative.library();
  private final String origin;
  private final long handle;
  private final ReadWriteLock uses = new ReentrantReadWriteLock();
  private boolean freed; // guarded by uses

  /// @param json of a `tokenizer.json`, checked: what the library trips over ends the process
  /// @param arena frees the tokenizer when it is closed
  /// @throws TantraException `CORRUPT` if the library refuses it, `UNSUPPORTED` if it does not run
  NativeTokenizer(String origin, String json, Arena arena) {
    this.origin = origin;
    try {
      handle = library.createTokenizerFromString(json);
    } catch (RuntimeException e) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "%s is no tokenizer: %s. Fetch it again.".formatted(origin, e.getMessage()),
          e);
    }
    @SuppressWarnings("restricted") // nothing is read there; it ties free() to the arena
    MemorySegment _ = MemorySegment.ofAddress(handle).reinterpret(1, arena, _ -> free());
  }

  /// The ids of a text; nothing is put before or behind it.
  ///
  /// @throws TantraException `INVALID` if the text is too long, or has what the vocabulary lacks
  /// @throws IllegalStateException if the arena has been closed
  int[] encode(String text) {
    if (text.length() > PatternCost.LENGTH) {
      throw new TantraException(
              ErrorKind.INVALID,
              "The text has %d characters; %d can be turned into tokens at a time. Send less."
                  .formatted(text.length(), PatternCost.LENGTH))
          .about("prompt");
    }
    // Halves of surrogate pairs, which the library cannot be given, become question marks.
    String whole = new String(text.getBytes(UTF_8), UTF_8);
    uses.readLock().lock();
    try {
      if (freed) {
        throw new IllegalStateException("the tokenizer of " + origin + " is closed");
      }
      return encodeWhole(whole);
    } finally {
      uses.readLock().unlock();
    }
  }

  private int[] encodeWhole(String text) {
    long encoding;
    try {
      encoding = library.encode(handle, text, false);
    } catch (RuntimeException e) {
      throw new TantraException(
              ErrorKind.INVALID,
              "The text cannot be told in the vocabulary of %s: %s."
                  .formatted(origin, e.getMessage()),
              e)
          .about("prompt");
    }
    try {
      long[] ids = library.getTokenIds(encoding);
      int[] tokens = new int[ids.length];
      for (int i = 0; i < ids.length; i++) {
        tokens[i] = Math.toIntExact(ids[i]);
      }
      return tokens;
    } finally {
      library.deleteEncoding(encoding);
    }
  }

  /// Called once, when the arena is closed.
  private void free() {
    uses.writeLock().lock();
    try {
      freed = true;
      library.deleteTokenizer(handle);
    } finally {
      uses.writeLock().unlock();
    }
  }
}
