package org.tantra.host.weights;

import java.util.Locale;
import java.util.Optional;
import org.tantra.api.FileHead;

/// Names files that are often taken for weights and are not, so that the error says what went
/// wrong.
///
/// @param what the first bytes look like, with what to do about it, as half a sentence
/// @param code stable word for programs: `not-weights` or `unsupported-format`
record FileSignature(String what, String code) {
  private static final int TAR_MAGIC = 257;

  static Optional<FileSignature> of(FileHead head) {
    String text = head.text(0, 256).stripLeading().toLowerCase(Locale.ROOT);
    if (text.startsWith("version https://git-lfs")) {
      return notWeights("a Git LFS pointer, not the file itself; run 'git lfs pull'");
    }
    if (text.startsWith("<!doctype") || text.startsWith("<html")) {
      return notWeights("a web page that was saved instead of the file; fetch it again");
    }
    if (head.has(0, 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n')) {
      return unsupported("an HDF5 file; convert it to safetensors");
    }
    if (head.has(0, 0x1f, 0x8b)) {
      return unsupported("a gzip archive; unpack it first");
    }
    if (head.has(0, 0x28, 0xb5, 0x2f, 0xfd)) {
      return unsupported("a Zstandard archive; unpack it first");
    }
    if (head.has(0, 0xfd, '7', 'z', 'X', 'Z', 0)) {
      return unsupported("an xz archive; unpack it first");
    }
    if (head.has(0, '7', 'z', 0xbc, 0xaf, 0x27, 0x1c)) {
      return unsupported("a 7z archive; unpack it first");
    }
    if (head.has(0, "BZh")) {
      return unsupported("a bzip2 archive; unpack it first");
    }
    if (head.has(0, "PYTORCH1")) {
      return unsupported(
          "a preview of a PyTorch format that was never released; save it again with torch.save");
    }
    if (head.has(TAR_MAGIC, "ustar")) {
      return unsupported(
          "a tar archive, as PyTorch 0.1 wrote them; unpack it, or save it again with torch.save");
    }
    return isBeforeGguf(head)
        ? unsupported(
            "a ggml file from before GGUF; convert it to GGUF with the tools of that time")
        : Optional.empty();
  }

  private static boolean isBeforeGguf(FileHead head) {
    return head.has(0, "lmgg")
        || head.has(0, "fmgg")
        || head.has(0, "tjgg")
        || head.has(0, "algg")
        || head.has(0, "tlgg");
  }

  private static Optional<FileSignature> notWeights(String what) {
    return Optional.of(new FileSignature(what, "not-weights"));
  }

  private static Optional<FileSignature> unsupported(String what) {
    return Optional.of(new FileSignature(what, "unsupported-format"));
  }
}
