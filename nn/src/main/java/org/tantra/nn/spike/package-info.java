/// Spike coding as SpikingBrain does it: activations become integer counts of spikes of one size,
/// the threshold, which adapts to every token; weights, keys and values are rounded to multiples of
/// scales. All of it is written in plain Java, which is its specification; what is large runs on
/// the kernels of `nn`.
///
/// Source: "SpikingBrain Technical Report: Spiking Brain-inspired Large Models", arXiv 2509.05276.
@NullMarked
package org.tantra.nn.spike;

import org.jspecify.annotations.NullMarked;
