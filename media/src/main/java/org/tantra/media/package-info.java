/// Files of sound, pictures and moving pictures, in and out: bytes of a WAV, FLAC, Ogg, MP3, PNG,
/// JPEG, GIF or MP4 become samples and pixels, and samples become a WAV again.
///
/// A file is told apart by its content, never by its name. Every size it claims is checked against
/// its real bytes, and against a limit, before memory is set aside for it. The host puts this on
/// the class path once, beside `nn`; plugins link to that copy.
@NullMarked
package org.tantra.media;

import org.jspecify.annotations.NullMarked;
