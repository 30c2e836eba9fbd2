package org.tantra.media;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The video track of an MP4 or MOV: how it is coded, and where each frame lies in the file.
///
/// Frames are stored in the order of decoding; [#decodedAs] tells where the frames lie there that
/// are shown one after the other.
///
/// @see <a href="https://www.iso.org/standard/83102.html">ISO/IEC 14496-12, section 8</a>
final class IsoTrack {
  /// A day at 24 frames a second; bounds what a track that is nothing but counts can make us hold.
  private static final int MAXIMUM_FRAMES = 1 << 21;

  /// Bytes of a visual sample entry before the boxes inside it.
  private static final int ENTRY_HEADER = 78;

  private final MemorySegment file;
  private final IsoBox entry;
  private final double framesPerSecond;
  private final long[] offsets;
  private final long[] sizes;
  private final boolean[] keys;
  private final int[] shown;

  private IsoTrack(
      MemorySegment file,
      IsoBox entry,
      double framesPerSecond,
      long[] offsets,
      long[] sizes,
      boolean[] keys,
      int[] shown) {
    this.file = file;
    this.entry = entry;
    this.framesPerSecond = framesPerSecond;
    this.offsets = offsets;
    this.sizes = sizes;
    this.keys = keys;
    this.shown = shown;
  }

  /// How it is coded: four letters, such as `avc1`.
  String coding() {
    return entry.type();
  }

  int width() {
    return entry.half(24);
  }

  int height() {
    return entry.half(26);
  }

  double framesPerSecond() {
    return framesPerSecond;
  }

  int frames() {
    return sizes.length;
  }

  /// The boxes that say more about the coding, such as `avcC` for H.264.
  IsoBox description() {
    return new IsoBox(
        entry.type(), entry.content().asSlice(Math.min(ENTRY_HEADER, entry.content().byteSize())));
  }

  /// Which frame, in the order of decoding, is shown as number `index`.
  int decodedAs(int index) {
    return shown[index];
  }

  /// Whether decoding can begin at a frame, in the order of decoding.
  boolean key(int sample) {
    return keys[sample];
  }

  /// A frame's bytes.
  ///
  /// @param sample in the order of decoding
  /// @throws org.tantra.api.TantraException `INVALID` if the frame lies outside of the file
  MemorySegment bytes(int sample) {
    long offset = offsets[sample];
    if (offset < 0 || offset > file.byteSize() || sizes[sample] > file.byteSize() - offset) {
      throw Video.invalid(
          "Frame %d of the video lies at bytes %d to %d, the file has %d. It is cut short."
              .formatted(sample, offset, offset + sizes[sample], file.byteSize()),
          null);
    }
    return file.asSlice(offset, sizes[sample]);
  }

  /// Finds the first video track.
  ///
  /// @throws org.tantra.api.TantraException `INVALID` if there is none, or its tables are damaged
  static IsoTrack read(MemorySegment file) {
    IsoBox movie =
        IsoBox.all(file).stream()
            .filter(box -> box.type().equals("moov"))
            .findFirst()
            .orElseThrow(
                () -> Video.invalid("The video has no 'moov' box. It is cut short.", null));
    for (IsoBox track : IsoBox.all(movie.content())) {
      if (track.type().equals("trak")) {
        IsoBox media = track.needed("mdia");
        if (media.needed("hdlr").signed(8) == ('v' << 24 | 'i' << 16 | 'd' << 8 | 'e')) {
          return read(file, media);
        }
      }
    }
    throw Video.invalid("The file holds no video track.", null);
  }

  private static IsoTrack read(MemorySegment file, IsoBox media) {
    IsoBox header = media.needed("mdhd");
    long timescale = header.unsigned(header.unsigned(0) >>> 24 == 1 ? 20 : 12);
    IsoBox table = media.needed("minf").needed("stbl");
    IsoBox entries = table.needed("stsd");
    entries.entries(4, 1);
    IsoBox entry =
        IsoBox.all(entries.content().asSlice(Math.min(8, entries.content().byteSize()))).stream()
            .findFirst()
            .orElseThrow(() -> Video.invalid("The video track does not say its coding.", null));
    long[] sizes = sizes(table.needed("stsz"), file.byteSize());
    long[] times = times(table, sizes.length);
    long duration = sizes.length < 2 ? 0 : times[sizes.length - 1] - times[0];
    double rate = duration > 0 && timescale > 0 ? (sizes.length - 1.0) * timescale / duration : 1;
    return new IsoTrack(
        file,
        entry,
        rate,
        offsets(table, sizes),
        sizes,
        keys(table.child("stss").orElse(null), sizes.length),
        shown(table.child("ctts"), times));
  }

  private static long[] sizes(IsoBox box, long fileBytes) {
    long each = box.unsigned(4);
    int count = each == 0 ? box.entries(8, 4) : (int) Math.min(box.unsigned(8), fileBytes / each);
    if (count < 1 || count > MAXIMUM_FRAMES) {
      throw Video.invalid(
          "The video has %d frames; 1 to %d are read.".formatted(count, MAXIMUM_FRAMES), null);
    }
    long[] sizes = new long[count];
    Arrays.setAll(sizes, i -> each == 0 ? box.unsigned(12 + 4L * i) : each);
    return sizes;
  }

  /// When each frame is decoded, from the table of durations.
  private static long[] times(IsoBox table, int count) {
    IsoBox box = table.needed("stts");
    int entries = box.entries(4, 8);
    long[] times = new long[count];
    long time = 0;
    int at = 0;
    for (int e = 0; e < entries; e++) {
      long run = box.unsigned(8 + 8L * e);
      long step = box.unsigned(12 + 8L * e);
      for (long i = 0; i < run && at < count; i++) {
        times[at++] = time;
        time += step;
      }
    }
    Arrays.fill(times, at, count, time);
    return times;
  }

  /// Where each frame begins: chunks of frames that lie one behind the other.
  private static long[] offsets(IsoBox table, long[] sizes) {
    Optional<IsoBox> wide = table.child("co64");
    IsoBox places = wide.orElseGet(() -> table.needed("stco"));
    int chunks = places.entries(4, wide.isPresent() ? 8 : 4);
    IsoBox runs = table.needed("stsc");
    int entries = runs.entries(4, 12);
    long[] offsets = new long[sizes.length];
    int at = 0;
    int run = 0;
    for (int chunk = 0; chunk < chunks && at < sizes.length; chunk++) {
      while (run + 1 < entries && runs.unsigned(8 + 12L * (run + 1)) <= chunk + 1) {
        run++;
      }
      long frames = entries == 0 ? 0 : runs.unsigned(12 + 12L * run);
      long offset =
          wide.isPresent() ? places.wide(8 + 8L * chunk) : places.unsigned(8 + 4L * chunk);
      for (long i = 0; i < frames && at < sizes.length; i++) {
        offsets[at] = offset;
        offset += sizes[at++];
      }
    }
    if (at < sizes.length) {
      throw Video.invalid(
          "The video has %d frames, its tables place %d. It is damaged."
              .formatted(sizes.length, at),
          null);
    }
    return offsets;
  }

  private static boolean[] keys(@Nullable IsoBox box, int count) {
    boolean[] keys = new boolean[count];
    if (box == null) {
      Arrays.fill(keys, true);
      return keys;
    }
    int entries = box.entries(4, 4);
    for (int e = 0; e < entries; e++) {
      long number = box.unsigned(8 + 4L * e);
      if (number >= 1 && number <= count) {
        keys[(int) number - 1] = true;
      }
    }
    return keys;
  }

  private static int[] shown(Optional<IsoBox> later, long[] decoded) {
    long[] shown = decoded.clone();
    if (later.isPresent()) {
      IsoBox box = later.get();
      int entries = box.entries(4, 8);
      int at = 0;
      for (int e = 0; e < entries; e++) {
        long run = box.unsigned(8 + 8L * e);
        for (long i = 0; i < run && at < shown.length; i++) {
          shown[at++] += box.signed(12 + 8L * e);
        }
      }
    }
    return IntStream.range(0, shown.length)
        .boxed()
        .sorted((a, b) -> Long.compare(shown[a], shown[b]))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
