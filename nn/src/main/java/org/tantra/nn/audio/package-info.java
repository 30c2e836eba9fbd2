/// Sound as numbers: Fourier transforms of any even size, mel filterbanks, the log-mel of Whisper,
/// resampling, down-mixing, and ways back from spectra to samples. Files are read by the `media`
/// module.
@NullMarked
package org.tantra.nn.audio;

import org.jspecify.annotations.NullMarked;
