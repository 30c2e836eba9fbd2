/// The command line: parses, calls the host or a running host's HTTP door, and prints. It decides
/// nothing itself.
@NullMarked
package org.tantra.host.cli;

import org.jspecify.annotations.NullMarked;
