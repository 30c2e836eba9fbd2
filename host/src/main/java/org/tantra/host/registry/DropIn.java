package org.tantra.host.registry;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.runtime.StagedJar;
import org.tantra.host.runtime.Stager;

/// What is known about one file of a drop-in folder. Not thread-safe.
///
/// A file is examined once it has not changed for a while. What it held before stays until it holds
/// something better: a jar that is being overwritten, or was overwritten with rubbish, still stands
/// for the plugin it was.
final class DropIn {
  /// What tells one state of a file from the next without reading it.
  private record Print(long size, FileTime modified, @Nullable Object key) {}

  private final Path file;
  private final int folder;
  private @Nullable Print print;
  private Instant unchangedSince;
  private @Nullable Instant goneSince;
  private boolean examined;
  private @Nullable StagedJar staged;
  private @Nullable String rejection;

  /// @param folder position of its folder in the order of folders
  DropIn(Path file, int folder, Instant now) {
    this.file = file;
    this.folder = folder;
    this.unchangedSince = now;
  }

  Path file() {
    return file;
  }

  int folder() {
    return folder;
  }

  /// The plugin it holds, or held before it was spoilt; null if none.
  @Nullable StagedJar staged() {
    return staged;
  }

  /// The plugin it holds.
  ///
  /// @throws NullPointerException if it holds none
  StagedJar held() {
    return requireNonNull(staged, "no plugin");
  }

  /// Why its present content is no plugin; null if it is one, or has not been examined.
  @Nullable String rejection() {
    return rejection;
  }

  /// Whether its present content has been examined.
  boolean examined() {
    return examined;
  }

  boolean isGone() {
    return goneSince != null;
  }

  /// @return whether it has been gone for so long that it was not renamed or written again
  boolean isGoneFor(Duration grace, Instant now) {
    return goneSince != null && !now.isBefore(goneSince.plus(grace));
  }

  /// Takes note of the file as it is, or that it is gone.
  void look(Instant now) {
    Print seen = print();
    if (seen == null) {
      goneSince = goneSince == null ? now : goneSince;
      return;
    }
    goneSince = null;
    if (!seen.equals(print)) {
      print = seen;
      unchangedSince = now;
      examined = false;
      rejection = null;
    } else if (now.isBefore(unchangedSince)) { // somebody set the clock back
      unchangedSince = now;
    }
  }

  private @Nullable Print print() {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.isRegularFile()
          ? new Print(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey())
          : null;
    } catch (IOException _) { // gone between listing and looking, or not ours to read
      return null;
    }
  }

  /// Whether it is time to examine it.
  boolean isReady(Duration quiet, Instant now) {
    return !examined && !isGone() && !now.isBefore(unchangedSince.plus(quiet));
  }

  /// Reads the file's present content.
  ///
  /// @param last whether to give up on content that is not whole; otherwise it is examined again
  ///   later
  void examine(Stager stager, boolean last, Instant now) {
    StagedJar found;
    try {
      found = stager.stage(file);
    } catch (TantraException e) {
      if (e.kind() == ErrorKind.BUSY) {
        unchangedSince = now;
      } else if (last || e.kind() == ErrorKind.INVALID) {
        examined = true;
        rejection = e.getMessage();
      }
      return;
    }
    examined = true;
    if (staged != null && staged.sha256().equals(found.sha256())) {
      stager.discard(found); // touched, not changed
      return;
    }
    discard(stager);
    staged = found;
  }

  /// Forgets what it holds.
  void discard(Stager stager) {
    if (staged != null) {
      stager.discard(staged);
      staged = null;
    }
  }
}
