package org.tantra.plugin.pytorch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.tantra.api.FileHead;
import org.tantra.api.TantraException;

/// What PyTorch's tools have wrapped weights into over the years, told apart by the first bytes.
enum Container {
  ZIP,
  LEGACY,
  /// A pickle without the magic number: not from `torch.save`.
  PICKLE,
  /// PyTorch 0.1.
  TAR,
  /// A layout of the preview of PyTorch 1.0.
  PREVIEW,
  UNKNOWN;

  private static final int[] MAGIC = {
    0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19
  };

  /// Magic number after PROTO, or after PROTO and FRAME.
  private static final int[] MAGIC_OFFSETS = {2, 11};

  static Container of(FileHead head) {
    if (head.has(0, 'P', 'K', 3, 4) || head.has(0, 'P', 'K', 5, 6)) {
      return ZIP;
    }
    if (head.at(0) == 0x80 && head.at(1) >= 1 && head.at(1) <= 5) {
      for (int offset : MAGIC_OFFSETS) {
        if (head.has(offset, MAGIC)) {
          return LEGACY;
        }
      }
      return PICKLE;
    }
    if (head.has(0, "PYTORCH1")) {
      return PREVIEW;
    }
    return head.has(257, "ustar") ? TAR : UNKNOWN;
  }

  static Container of(MemorySegment file) {
    return of(head(file));
  }

  private static FileHead head(MemorySegment file) {
    long length = Math.min(FileHead.MAXIMUM_BYTES, file.byteSize());
    return new FileHead(file.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), file.byteSize());
  }

  private static String firstBytes(MemorySegment file) {
    byte[] bytes = file.asSlice(0, Math.min(4, file.byteSize())).toArray(ValueLayout.JAVA_BYTE);
    return HexFormat.ofDelimiter(" ").formatHex(bytes);
  }

  /// Why a file that is neither layout is not read.
  static TantraException refused(MemorySegment file, String name) {
    Refusal refusal = Refusal.in(name);
    if (file.byteSize() == 0) {
      return refusal.because("empty-file", "it is empty; fetch it again");
    }
    return switch (of(head(file))) {
      case TAR ->
          refusal.because(
              "legacy-tar",
              "this is a tar archive as PyTorch 0.1 wrote it; load and save it with PyTorch 1.x");
      case PREVIEW ->
          refusal.because(
              "unsupported-format", "this is a preview format of PyTorch that was never released");
      case PICKLE ->
          refusal.because(
              "bad-magic",
              "this is a pickle, but torch.save's magic number is not at offset 2; it was not"
                  + " looked into");
      default ->
          refusal.because(
              "bad-magic",
              "it begins with "
                  + firstBytes(file)
                  + ", neither like a zip archive nor like torch.save");
    };
  }
}
