package org.tantra.host;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.resolve.UnservedException;

/// Files that a command or a program gives the host to work on.
public final class InputFile {
  private InputFile() {}

  /// The file's bytes, mapped: nothing is read before somebody looks at it. They stay as long as
  /// anybody refers to them, which plugin code may do after the caller has lost interest.
  ///
  /// @throws TantraException `NOT_FOUND` if there is no such file; `INVALID` if it cannot be read
  public static MemorySegment map(Path file) {
    if (Files.isDirectory(file)) {
      throw new TantraException(
          ErrorKind.INVALID, "'" + file + "' is a folder; a file is expected.");
    }
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      return size == 0
          ? MemorySegment.NULL
          : channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofAuto());
    } catch (NoSuchFileException e) {
      throw new TantraException(ErrorKind.NOT_FOUND, "There is no file '" + file + "'.", e);
    } catch (IOException e) {
      throw new TantraException(
          ErrorKind.INVALID, "'" + file + "' cannot be read: " + e.getMessage() + ".", e);
    }
  }

  /// An error of a file's content, or that nobody reads such files, naming the file.
  public static TantraException named(String file, TantraException error) {
    if (error.kind() != ErrorKind.INVALID && error.kind() != ErrorKind.UNSUPPORTED) {
      return error;
    }
    if (error instanceof UnservedException unserved) {
      return unserved.in(file);
    }
    TantraException named =
        new TantraException(error.kind(), "'" + file + "': " + error.getMessage(), error)
            .about(file);
    return error.code() == null ? named : named.withCode(error.code());
  }

  /// The files in a folder, in the order of their names; hidden ones left out.
  public static List<MemorySegment> mapAll(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(
              file -> Files.isRegularFile(file) && !file.getFileName().toString().startsWith("."))
          .sorted()
          .map(InputFile::map)
          .toList();
    } catch (IOException e) {
      throw new TantraException(
          ErrorKind.INVALID, "'" + folder + "' cannot be listed: " + e.getMessage() + ".", e);
    }
  }
}
