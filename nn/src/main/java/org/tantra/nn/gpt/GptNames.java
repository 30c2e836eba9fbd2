package org.tantra.nn.gpt;

import org.tantra.api.WeightSource;

/// What a checkpoint calls its weights, and how its linear maps lie.
///
/// @param tokens embedding of tokens
/// @param positions embedding of positions
/// @param blocks what stands before the number of a layer
/// @param head the output's weight
/// @param rows whether maps lie as `[out, in]`; otherwise as `[in, out]`
record GptNames(
    String tokens,
    String positions,
    String blocks,
    String norm1,
    String attention,
    String projection,
    String norm2,
    String up,
    String down,
    String finalNorm,
    String head,
    boolean rows) {

  /// Of llama.cpp's GGUF files.
  static final GptNames LLAMA_CPP =
      new GptNames(
          "token_embd.weight",
          "position_embd.weight",
          "blk.",
          "attn_norm.",
          "attn_qkv.",
          "attn_output.",
          "ffn_norm.",
          "ffn_up.",
          "ffn_down.",
          "output_norm.",
          "output.weight",
          true);

  /// Of the published checkpoints.
  ///
  /// @param prefix what stands before all names but the head's: nothing, or `transformer.`
  static GptNames published(String prefix) {
    return new GptNames(
        prefix + "wte.weight",
        prefix + "wpe.weight",
        prefix + "h.",
        "ln_1.",
        "attn.c_attn.",
        "attn.c_proj.",
        "ln_2.",
        "mlp.c_fc.",
        "mlp.c_proj.",
        prefix + "ln_f.",
        "lm_head.weight",
        false);
  }

  /// Tells the names by the embedding.
  static GptNames of(WeightSource source) {
    if (source.info(LLAMA_CPP.tokens()).isPresent()) {
      return LLAMA_CPP;
    }
    return published(source.info("transformer.wte.weight").isPresent() ? "transformer." : "");
  }

  /// What stands before the names of one layer.
  String block(int layer) {
    return blocks + layer + ".";
  }
}
