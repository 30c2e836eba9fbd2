/// SpikingBrain: GPT-2's trunk with spike-coded activations, which is the default, and the
/// published SpikingBrain-7B, plain and W8ASpike.
///
/// [SpikingBrainModel] tells them apart and loads them; `GlaSwa…` is the published architecture.
@NullMarked
package org.tantra.plugin.spikingbrain;

import org.jspecify.annotations.NullMarked;
