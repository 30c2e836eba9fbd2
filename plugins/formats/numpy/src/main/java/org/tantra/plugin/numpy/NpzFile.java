package org.tantra.plugin.numpy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.ErrorKind;
import org.tantra.api.FileSlice;
import org.tantra.api.MappedFile;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;
import org.tantra.plugin.numpy.zip.ZipArchive;
import org.tantra.plugin.numpy.zip.ZipEntry;
import org.tantra.plugin.numpy.zip.ZipNames;

/// An open `.npz` file: a zip archive with one array in each member. Stored members are viewed
/// where they lie, deflated ones unpacked each time.
final class NpzFile implements WeightFile {
  /// What NumPy adds to a tensor's name.
  static final String SUFFIX = ".npy";

  private final MappedFile file;
  private final ZipArchive archive;
  private final Map<String, Member> members;
  private final List<TensorInfo> tensors;

  private record Member(ZipEntry entry, NpyHeader header, TensorInfo info) {}

  private NpzFile(MappedFile file) {
    this.file = file;
    this.archive = ZipArchive.of(file.name(), file.bytes());
    Map<String, Member> byName = LinkedHashMap.newLinkedHashMap(archive.entries().size());
    for (ZipEntry entry : archive.entries()) {
      Member member = member(entry);
      byName.put(member.info().name(), member);
    }
    this.members = Collections.unmodifiableMap(byName);
    this.tensors = members.values().stream().map(Member::info).toList();
  }

  static NpzFile open(Path path) throws IOException {
    MappedFile file = MappedFile.open(path);
    try {
      return new NpzFile(file);
    } catch (RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private Member member(ZipEntry entry) {
    String place = "'" + file.name() + "', member " + ZipNames.quoted(entry.name());
    if (!entry.name().endsWith(SUFFIX)) {
      throw new TantraException(
              ErrorKind.UNSUPPORTED,
              place + " is no array: an .npz file holds members *" + SUFFIX + " only. Remove it.")
          .withCode("unsupported-archive");
    }
    byte[] head = archive.head(entry, NpyHeader.MOST_BYTES);
    NpyHeader header = NpyHeader.parse(head, entry.bytes(), place);
    String name = entry.name().substring(0, entry.name().length() - SUFFIX.length());
    return new Member(entry, header, new TensorInfo(name, header.descr().dtype(), header.shape()));
  }

  @Override
  public String formatVersion() {
    return "";
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  public List<TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public Optional<TensorInfo> info(String name) {
    return Optional.ofNullable(members.get(name)).map(Member::info);
  }

  @Override
  public TensorView tensor(String name, SegmentAllocator scratch) {
    Member member = stored(name);
    MemorySegment array = archive.read(member.entry(), scratch);
    return NpyArray.view(member.header(), array.asSlice(member.header().dataOffset()), scratch);
  }

  @Override
  public Optional<FileSlice> slice(String name) throws IOException {
    Member member = stored(name);
    return NpyArray.isInOrder(member.header())
        ? archive
            .slice(member.entry(), file)
            .map(array -> array.slice(member.header().dataOffset(), member.info().byteSize()))
        : Optional.empty();
  }

  private Member stored(String name) {
    Member member = members.get(name);
    if (member == null) {
      throw new TantraException(
          ErrorKind.NOT_FOUND,
          "'%s' has no weight '%s'; it has %d others."
              .formatted(file.name(), name, members.size()));
    }
    return member;
  }

  @Override
  public void close() {
    file.close();
  }
}
