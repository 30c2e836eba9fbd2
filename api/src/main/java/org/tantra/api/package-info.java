/// The SPI of Tantra Host: what a plugin implements ([Model], [Encoder], [WeightFormat],
/// [ParityCheck]) and what it is handed to do so ([LoadContext] and what hangs off it).
///
/// A plugin lists its extension classes in `META-INF/services/<interface name>`, one public class
/// with a public no-argument constructor per line. Interfaces marked "implemented by the host" may
/// gain methods in a minor version; interfaces that plugins implement gain only default methods
/// before the next major version.
@NullMarked
package org.tantra.api;

import org.jspecify.annotations.NullMarked;
