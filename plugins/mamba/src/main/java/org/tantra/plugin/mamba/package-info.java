/// Mamba language models: selective state spaces (Mamba), their successor with heads (Mamba-2), and
/// the gated convolutions that earlier Tantra systems called Mamba. All three read a row of tokens
/// in order and keep a state of constant size, so memory and time per token do not grow with the
/// row.
@NullMarked
package org.tantra.plugin.mamba;

import org.jspecify.annotations.NullMarked;
