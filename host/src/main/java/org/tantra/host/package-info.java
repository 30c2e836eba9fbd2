/// The host: opens a home folder, wires the packages below together, and is what the doors (CLI,
/// HTTP, Java) talk to.
@NullMarked
package org.tantra.host;

import org.jspecify.annotations.NullMarked;
