package org.tantra.host.cli;

import java.util.Map;

/// What every command is given.
record Cli(Console console, Doors doors, Map<String, String> environment) {}
