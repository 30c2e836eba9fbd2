package org.tantra.nn.text;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// A tokenizer read from a `tokenizer.json`: text to ids by Hugging Face's library, ids to bytes by
/// table. Usable until its arena is closed; safe from any thread.
final class HuggingFaceTokenizer implements Tokenizer {
  private final Supplier<Settings> file;
  private final int limit;
  private final Arena arena;
  private final NativeTokenizer plain;

  /// Those of all tokens, one behind the other: as objects they would take four times as much.
  private final byte[] bytes;

  /// Where those of each token end.
  private final int[] ends;

  private final Set<Integer> endIds;
  private final OptionalInt startId;
  private @Nullable NativeTokenizer special; // guarded by this

  /// @param file parses the file; called again when special tokens are first asked for
  /// @param limit the model's number of token ids
  /// @param endTokens what ends a text: ids, and special tokens if the file has them
  /// @param arena frees the native part
  /// @throws TantraException `CORRUPT` if the file is damaged or has ids from `limit` on;
  ///   `UNSUPPORTED` if it asks for what is not known here, or native code does not run
  HuggingFaceTokenizer(
      Supplier<Settings> file, int limit, EndTokens endTokens, OptionalInt startId, Arena arena) {
    this.file = file;
    this.limit = limit;
    this.arena = arena;
    this.startId = startId;
    Settings settings = file.get();
    TokenizerJson json = TokenizerJson.of(settings, limit);
    Map<String, Integer> specials = json.specials();
    this.endIds = endTokens.ids(specials);
    this.ends = new int[json.vocab()];
    this.bytes = bytes(json, Set.copyOf(specials.values()), ends);
    this.plain = new NativeTokenizer(settings.origin(), json.plain(), arena);
    this.special = specials.isEmpty() ? plain : null;
  }

  private static byte[] bytes(TokenizerJson json, Set<Integer> specials, int[] ends) {
    TokenDecoder decoder = json.decoder();
    Map<Integer, String> pieces = json.pieces();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id = 0; id < ends.length; id++) {
      String piece = pieces.get(id);
      if (piece != null && !specials.contains(id)) {
        bytes.writeBytes(decoder.bytes(piece));
      }
      ends[id] = bytes.size();
    }
    return bytes.toByteArray();
  }

  @Override
  public int vocab() {
    return ends.length;
  }

  @Override
  public int[] encode(String text) {
    return plain.encode(text);
  }

  @Override
  public int[] encodeWithSpecials(String text) {
    return special().encode(text);
  }

  private synchronized NativeTokenizer special() {
    if (special == null) {
      Settings settings = file.get();
      String json = TokenizerJson.of(settings, limit).withSpecials();
      special = new NativeTokenizer(settings.origin(), json, arena);
    }
    return special;
  }

  @Override
  public byte[] bytes(int id) {
    return id < 0 || id >= ends.length
        ? new byte[0]
        : Arrays.copyOfRange(bytes, id == 0 ? 0 : ends[id - 1], ends[id]);
  }

  @Override
  public Set<Integer> endIds() {
    return endIds;
  }

  @Override
  public OptionalInt startId() {
    return startId;
  }
}
