package org.tantra.plugin.pytorch;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tantra.api.FileHead;
import org.tantra.api.FileSlice;
import org.tantra.api.MappedFile;
import org.tantra.api.Probe;
import org.tantra.api.TantraException;
import org.tantra.plugin.pytorch.zip.ZipArchive;
import org.tantra.plugin.pytorch.zip.ZipEntry;

/// The zip layout, written by `torch.save` since version 1.6: a pickle, and one record for each
/// storage.
final class TorchZip {
  private static final long MAXIMUM_PICKLE = 256L << 20;
  private static final int MAXIMUM_VERSION = 10;
  private static final Pattern VERSION_RECORD = Pattern.compile("([0-9]{1,9})\\s*");
  private static final Pattern STORAGE_KEY = Pattern.compile("[0-9A-Za-z_]+");
  private static final String PICKLE = "data.pkl";

  /// What the layout is called; the number in a file counts changes that readers need not know.
  static final String VERSION = "zip";

  /// Records that may come first in an archive of PyTorch, by their path inside the top folder.
  private static final Pattern FIRST_RECORD =
      Pattern.compile(
          "data\\.pkl|version|byteorder|constants\\.pkl|archive_format|\\.format_version"
              + "|\\.storage_alignment|(data|code|extra|\\.data)/.*");

  private static final int LOCAL_HEADER_SIZE = 30;

  private final ZipArchive archive;
  private final Refusal refusal;
  private final SegmentAllocator allocator;
  private final Map<String, Value.StorageView> views = new HashMap<>();

  private TorchZip(ZipArchive archive, Refusal refusal, SegmentAllocator allocator) {
    this.archive = archive;
    this.refusal = refusal;
    this.allocator = allocator;
  }

  /// Judges by the first entry's name, all that the first bytes show; [#open] says the rest.
  static Probe probe(FileHead head) {
    int nameLength = Math.max(head.at(26), 0) | (Math.max(head.at(27), 0) << 8);
    String name = head.text(LOCAL_HEADER_SIZE, nameLength);
    String inside = name.substring(name.indexOf('/') + 1);
    return name.length() > inside.length() && FIRST_RECORD.matcher(inside).matches()
        ? new Probe.Accepted(VERSION)
        : new Probe.Declined("a zip archive that begins with no record of PyTorch");
  }

  static TorchFile open(MemorySegment file, String name, SegmentAllocator allocator) {
    Refusal refusal = Refusal.in(name);
    TorchZip zip = new TorchZip(ZipArchive.read(file, name), refusal, allocator);
    String folder = zip.folder();
    zip.checkVersion(folder);
    Value root = zip.unpickle(folder, new PickleTrace(), false);
    Flattened checkpoint = Flattened.of(root, zip.inPickle(folder));
    return new TorchFile(VERSION, checkpoint, refusal);
  }

  /// Notes everything the pickle mentions, whether allowed or not.
  ///
  /// @throws TantraException for the first reason to refuse the file that is not just a name
  static void survey(
      MemorySegment file, String name, SegmentAllocator allocator, PickleTrace trace) {
    Refusal refusal = Refusal.in(name);
    TorchZip zip = new TorchZip(ZipArchive.read(file, name), refusal, allocator);
    String folder = zip.folder();
    zip.checkVersion(folder);
    zip.unpickle(folder, trace, true);
  }

  private Refusal inPickle(String folder) {
    return refusal.inside("record '" + folder + PICKLE + "'");
  }

  private Value unpickle(String folder, PickleTrace trace, boolean survey) {
    Refusal inPickle = inPickle(folder);
    boolean bigEndian = bigEndian(folder);
    ZipEntry entry = record(folder + PICKLE);
    if (entry.size() > MAXIMUM_PICKLE) {
      throw refusal.because(
          "resource-limit",
          "its pickle has " + entry.size() + " bytes, more than any checkpoint's");
    }
    PickleInput input = new PickleInput(archive.content(entry, allocator), inPickle);
    StorageResolver resolver = (id, at) -> storage(folder, bigEndian, id, at);
    Value root = new PickleMachine(input, inPickle, resolver, trace, survey).run();
    if (input.left() > 0) {
      throw inPickle.because(
          "trailing-bytes", "there are " + input.left() + " bytes after the end of the pickle");
    }
    return root;
  }

  /// The one folder everything lies in, with a slash, after telling other kinds of archives apart.
  private String folder() {
    String found = null;
    boolean arrays = !archive.entries().isEmpty();
    boolean records = false;
    for (ZipEntry entry : archive.entries()) {
      String name = entry.name();
      int slash = name.indexOf('/') + 1;
      String inside = name.substring(slash);
      arrays &= name.endsWith(".npy");
      records |= inside.startsWith("data/") || name.endsWith(PICKLE) || inside.equals("version");
      if (inside.equals("constants.pkl") || inside.startsWith("code/")) {
        throw refusal.because(
            "torchscript",
            "this is a TorchScript archive, it contains code; export the weights with"
                + " torch.save(model.state_dict(), ...)");
      }
      if (inside.equals("archive_format")) {
        throw other("a torch.export archive (pt2)");
      }
      if (inside.equals(".data/python_version") || inside.equals(".data/extern_modules")) {
        throw other("a torch.package archive, it contains code");
      }
      if (slash > 0 && inside.equals(PICKLE)) {
        found = found == null ? name.substring(0, slash) : found;
      }
    }
    if (arrays) {
      throw refusal.because("unsupported-format", "this is a NumPy archive (.npz)");
    }
    if (!records) {
      throw refusal.because("unknown-format", "this zip archive holds no weights");
    }
    if (found == null) {
      throw refusal.because(
          "missing-record", "there is no record '" + PICKLE + "' in the archive's top folder");
    }
    for (ZipEntry entry : archive.entries()) {
      if (!entry.name().startsWith(found)) {
        throw refusal.because(
            "zip-structure", "record '" + entry.name() + "' is outside folder '" + found + "'");
      }
    }
    return found;
  }

  private TantraException other(String what) {
    return refusal.because(
        "unsupported-format",
        "this is " + what + "; export the weights with torch.save(model.state_dict(), ...)");
  }

  private void checkVersion(String folder) {
    String text = smallText(record(folder + "version"));
    var matcher = VERSION_RECORD.matcher(text);
    int version = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
    if (version < 1 || version > MAXIMUM_VERSION) {
      throw refusal.because(
          "bad-version",
          "its version is '" + text.strip() + "', versions 1 to " + MAXIMUM_VERSION + " are read");
    }
  }

  private boolean bigEndian(String folder) {
    ZipEntry entry = archive.entry(folder + "byteorder").orElse(null);
    String order = entry == null ? "little" : smallText(entry);
    return switch (order) {
      case "little" -> false;
      case "big" -> true;
      default ->
          throw refusal.because(
              "bad-byteorder", "its byte order is '" + order + "', expected 'little' or 'big'");
    };
  }

  private ZipEntry record(String name) {
    return archive
        .entry(name)
        .orElseThrow(() -> refusal.because("missing-record", "there is no record '" + name + "'"));
  }

  /// A record of a few characters; of a longer one, its beginning, which no check accepts.
  private String smallText(ZipEntry entry) {
    MemorySegment content = archive.content(entry, allocator);
    byte[] bytes =
        content.asSlice(0, Math.min(32, content.byteSize())).toArray(ValueLayout.JAVA_BYTE);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /// `('storage', class, key, location, number of elements)`.
  private Value.StorageView storage(String folder, boolean bigEndian, List<Value> id, Refusal at) {
    PersistentId reference = PersistentId.of(id, 5, at);
    if (!STORAGE_KEY.matcher(reference.key()).matches()) {
      throw at.because("bad-persistent-id", "'" + reference.key() + "' is no storage key");
    }
    Value.@Nullable StorageView known = views.get(reference.key());
    if (known != null) {
      reference.checkSame(known, at);
      return known;
    }
    ZipEntry entry =
        archive
            .entry(folder + "data/" + reference.key())
            .orElseThrow(
                () ->
                    at.because(
                        "missing-record",
                        "there is no record 'data/" + reference.key() + "' for a storage"));
    if (entry.size() != reference.byteSize()) {
      throw at.because(
          "storage-bounds",
          "storage '"
              + reference.key()
              + "' should have "
              + reference.byteSize()
              + " bytes, its record has "
              + entry.size());
    }
    RecordStorage storage = new RecordStorage(archive, entry, bigEndian);
    Value.StorageView view = new Value.StorageView(storage, 0, entry.size(), reference.dtype());
    views.put(reference.key(), view);
    return view;
  }

  /// A storage that is a record of the archive.
  private record RecordStorage(ZipArchive archive, ZipEntry entry, boolean bigEndian)
      implements Storage {
    @Override
    public long byteSize() {
      return entry.size();
    }

    @Override
    public MemorySegment content(SegmentAllocator scratch) {
      return archive.content(entry, scratch);
    }

    @Override
    public Optional<FileSlice> slice(MappedFile file) throws IOException {
      return archive.slice(entry, file);
    }
  }
}
