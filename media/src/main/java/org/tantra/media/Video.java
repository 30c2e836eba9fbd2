package org.tantra.media;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// A moving picture, open for reading. Used by one thread; frames are cheapest in ascending order.
public interface Video extends AutoCloseable {
  /// How many frames there are, at least one.
  int frames();

  double framesPerSecond();

  /// One frame.
  ///
  /// @param index from 0 to below [#frames()]
  /// @throws TantraException `INVALID` about `video` if it cannot be decoded
  Picture frame(int index);

  /// Gives the decoder back. Calling it again does nothing.
  @Override
  void close();

  /// Opens an animated GIF, an MP4 or MOV with H.264 or MJPEG in it, or bare JPEG frames one after
  /// the other (MJPEG). A file that holds one still picture is a video of one frame.
  ///
  /// @param bytes must stay readable until the video is closed
  /// @throws TantraException `INVALID` about `video` if it is none of these, or damaged
  static Video open(MemorySegment bytes) {
    if (FirstBytes.are(bytes, 'G', 'I', 'F', '8')) {
      return new GifVideo(bytes);
    }
    if (FirstBytes.are(bytes, 0xff, 0xd8, 0xff)) {
      return JpegFrames.of(bytes);
    }
    if (isIsoMedia(bytes)) {
      return Mp4Video.open(bytes);
    }
    if (FirstBytes.are(bytes, 0x89, 'P', 'N', 'G')) {
      return new StillVideo(Pictures.read(bytes));
    }
    throw invalid(
        "This is no video that can be read: it begins with %s. Animated GIF, MP4 or MOV with H.264 or MJPEG, and bare MJPEG are read."
            .formatted(FirstBytes.of(bytes)),
        null);
  }

  /// A box of length and type comes first: `ftyp`, or in old files `moov`, `mdat`, `wide`, `free`.
  private static boolean isIsoMedia(MemorySegment bytes) {
    if (bytes.byteSize() < 8) {
      return false;
    }
    MemorySegment type = bytes.asSlice(4);
    return FirstBytes.are(type, 'f', 't', 'y', 'p')
        || FirstBytes.are(type, 'm', 'o', 'o', 'v')
        || FirstBytes.are(type, 'm', 'd', 'a', 't')
        || FirstBytes.are(type, 'w', 'i', 'd', 'e')
        || FirstBytes.are(type, 'f', 'r', 'e', 'e');
  }

  /// @param cause null if there is none
  static TantraException invalid(String message, @Nullable Throwable cause) {
    return new TantraException(ErrorKind.INVALID, message, cause).about("video");
  }
}
