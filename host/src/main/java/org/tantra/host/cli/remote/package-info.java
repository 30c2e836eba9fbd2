/// A host that serves in another process: the file by which it is found, and its HTTP door as a
/// client sees it.
@NullMarked
package org.tantra.host.cli.remote;

import org.jspecify.annotations.NullMarked;
