/// The decoder that GPT-2 introduced: configuration, weights and network of every model that keeps
/// its names and shapes. [LoadedGpt] is the door; what such models do differently at the input of
/// their linear maps is a [Projector].
@NullMarked
package org.tantra.nn.gpt;

import org.jspecify.annotations.NullMarked;
