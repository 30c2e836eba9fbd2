package org.tantra.arch;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Who may import whom: the picture and the table of `docs/architecture.md`.
final class ImportRulesTest {
  private static final String VECTORS = "jdk.incubator.vector..";
  private static final String[] PLUGIN_RUNTIMES = {
    "org.pf4j..", "org.osgi..", "org.apache.felix.."
  };

  private static JavaClasses api() {
    return Jars.classes(Jars.of("api"), 40);
  }

  private static JavaClasses nn() {
    return Jars.classes(Jars.of("nn"), 10);
  }

  private static JavaClasses host() {
    return Jars.classes(Jars.of("host"), 100);
  }

  @Test
  void apiSeesJavaBaseOnly() {
    Set<String> base =
        ModuleLayer.boot()
            .findModule("java.base")
            .map(Module::getDescriptor)
            .map(ModuleDescriptor::packages)
            .orElseThrow();
    DescribedPredicate<JavaClass> allowed =
        describe(
            "are in java.base, the api, or annotations that nothing needs at run time",
            target ->
                base.contains(target.getBaseComponentType().getPackageName())
                    || target.getBaseComponentType().isPrimitive()
                    || target.getBaseComponentType().getPackageName().startsWith("org.tantra.api")
                    || target.getPackageName().equals("org.jspecify.annotations"));
    classes().should().onlyDependOnClassesThat(allowed).check(api());
  }

  @Test
  void nnSeesTheApiAndNeitherHostNorLibrariesOfTheHost() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.tantra.host..",
            "org.tantra.plugin..",
            "org.slf4j..",
            "picocli..",
            "com.google.inject..",
            "com.fasterxml..")
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage(PLUGIN_RUNTIMES)
        .check(nn());
  }

  @Test
  void mediaSeesTheApiAndNoneOfTheOthers() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.tantra.host..",
            "org.tantra.nn..",
            "org.tantra.plugin..",
            "org.slf4j..",
            "picocli..",
            "com.google.inject..")
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage(PLUGIN_RUNTIMES)
        .check(Jars.classes(Jars.of("media"), 1));
  }

  @Test
  void onlyKernelsSeeTheVectorApi() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.tantra.nn.kernel..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(VECTORS)
        .check(nn());
    noClasses().should().dependOnClassesThat().resideInAPackage(VECTORS).check(host());
  }

  @Test
  void onlyTextSeesTheNativeTokenizers() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.tantra.nn.text")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl..")
        .check(nn());
    classes()
        .that()
        .resideInAPackage("org.tantra.nn.text")
        .should()
        .onlyDependOnClassesThat(
            describe(
                "are no other part of DJL than the binding of its tokenizers",
                target ->
                    !target.getPackageName().startsWith("ai.djl.")
                        || target.getPackageName().equals("ai.djl.huggingface.tokenizers.jni")))
        .check(nn());
    noClasses().should().dependOnClassesThat().resideInAPackage("ai.djl..").check(host());
  }

  @Test
  void kernelsAreReachedThroughNn() {
    classes()
        .that()
        .resideInAPackage("org.tantra.nn.kernel..")
        .should()
        .onlyHaveDependentClassesThat()
        .resideInAPackage("org.tantra.nn..")
        .allowEmptyShould(true)
        .check(nn());
  }

  @Test
  void testkitSeesTheApiOnly() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.tantra.host..", "org.tantra.nn..", "org.tantra.plugin..")
        .check(Jars.classes(Jars.of("testkit"), 1));
  }

  @Test
  void runtimesSeeHostAndApiOnly() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            "org.tantra.runtimes..",
            "org.tantra.host..",
            "org.tantra.api..",
            "java..",
            "org.jspecify.annotations..")
        .check(Jars.classes(Jars.of("runtimes"), 5));
  }

  @Test
  void hostSeesNeitherNumericsNorPlugins() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.tantra.nn..", "org.tantra.plugin..", "org.tantra.runtimes..")
        .check(host());
  }

  @Test
  void librariesStayBehindTheirAdapters() {
    JavaClasses host = host();
    only("org.tantra.host.runtime.pf4j", "org.pf4j..", host);
    only("org.tantra.host.runtime.felix", "org.osgi..", host);
    only("org.tantra.host.runtime.felix", "org.apache.felix..", host);
    only("org.tantra.host", "com.google.inject..", host);
    only("org.tantra.host.cli", "picocli..", host);
    only("org.tantra.host.http", "io.helidon..", host);
    only("org.tantra.host.config", "org.yaml.snakeyaml..", host);
  }

  private static void only(String home, String library, JavaClasses host) {
    noClasses()
        .that()
        .resideOutsideOfPackage(home)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(host);
  }

  @Test
  void doorsAreEdges() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.tantra.host.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.tantra.host.cli..")
        .check(host());
    noClasses()
        .that()
        .resideOutsideOfPackages("org.tantra.host.http..", "org.tantra.host.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.tantra.host.http..")
        .check(host());
  }

  @Test
  void hostPackagesHaveNoCycles() {
    slices().matching("org.tantra.(**)").should().beFreeOfCycles().check(host());
  }

  static Iterable<Path> plugins() {
    return Jars.plugins();
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void pluginSeesApiAndNnOnly(Path jar) {
    JavaClasses plugin = Jars.classes(jar, 2);
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.tantra.host..",
            "org.tantra.nn.kernel..",
            "com.google.inject..",
            "picocli..",
            "io.helidon..",
            VECTORS)
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage(PLUGIN_RUNTIMES)
        .check(plugin);
    noClasses()
        .should()
        .dependOnClassesThat(
            describe(
                "are the host's JSON and no copy in the plugin's own jar",
                target ->
                    target.getPackageName().startsWith("com.fasterxml.")
                        && !plugin.contain(target.getBaseComponentType().getName())))
        .check(plugin);
    noClasses()
        .should()
        .dependOnClassesThat(
            describe(
                "belong to another plugin",
                target ->
                    target.getPackageName().startsWith("org.tantra.plugin.")
                        && !plugin.contain(target.getBaseComponentType().getName())))
        .check(plugin);
  }
}
