/// Coqui's text-to-speech: Tacotron 2 turns characters into mel frames, HiFi-GAN or Griffin and
/// Lim's method turns those into sound.
@NullMarked
package org.tantra.plugin.coqui;

import org.jspecify.annotations.NullMarked;
