package org.tantra.host.weights;

import java.util.Locale;
import java.util.Optional;
import org.tantra.api.FileHead;

/// Names files that are often taken for weights and are not, so that the error says what went
/// wrong.
final class FileSignature {
  private FileSignature() {}

  /// What the first bytes look like, with what to do about it, as half a sentence.
  static Optional<String> of(FileHead head) {
    String text = head.text(0, 256).stripLeading().toLowerCase(Locale.ROOT);
    String found = null;
    if (text.startsWith("version https://git-lfs")) {
      found = "a Git LFS pointer, not the file itself; run 'git lfs pull'";
    } else if (text.startsWith("<!doctype") || text.startsWith("<html")) {
      found = "a web page that was saved instead of the file; fetch it again";
    } else if (head.has(0, 0x89, 'H', 'D', 'F')) {
      found = "an HDF5 file; convert it to safetensors";
    } else if (head.has(0, 0x1f, 0x8b)) {
      found = "a gzip archive; unpack it first";
    } else if (head.has(0, 0x28, 0xb5, 0x2f, 0xfd)) {
      found = "a Zstandard archive; unpack it first";
    } else if (head.has(0, 0xfd, '7', 'z', 'X', 'Z')) {
      found = "an xz archive; unpack it first";
    } else if (head.has(0, '7', 'z', 0xbc, 0xaf)) {
      found = "a 7z archive; unpack it first";
    } else if (head.has(0, "BZh")) {
      found = "a bzip2 archive; unpack it first";
    } else if (head.has(0, "PYTORCH1")) {
      found =
          "a preview of a PyTorch format that was never released; save it again with torch.save";
    }
    return Optional.ofNullable(found);
  }
}
