package org.tantra.host;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.tantra.api.Compute;
import org.tantra.host.concurrent.ComputePool;
import org.tantra.host.concurrent.PluginThreads;
import org.tantra.host.config.ConfigFolder;
import org.tantra.host.config.Configurations;
import org.tantra.host.config.HostConfig;
import org.tantra.host.parity.ParityRunner;
import org.tantra.host.registry.DesiredState;
import org.tantra.host.registry.ExtensionRegistry;
import org.tantra.host.registry.PluginFolder;
import org.tantra.host.registry.Plugins;
import org.tantra.host.resolve.FirstUse;
import org.tantra.host.resolve.MemoryBudget;
import org.tantra.host.resolve.ModelCatalog;
import org.tantra.host.resolve.Models;
import org.tantra.host.runtime.CompatibilityCheck;
import org.tantra.host.runtime.PluginRuntime;
import org.tantra.host.runtime.ProcessFolder;
import org.tantra.host.runtime.SharedPackages;
import org.tantra.host.runtime.Stager;
import org.tantra.host.runtime.felix.FelixRuntime;
import org.tantra.host.runtime.pf4j.Pf4jRuntime;
import org.tantra.host.store.WeightStore;
import org.tantra.host.weights.CheckpointStore;
import org.tantra.host.weights.FirstWeights;
import org.tantra.host.weights.WeightConverter;
import org.tantra.host.weights.WeightFiles;
import org.tantra.host.weights.WeightGenerator;
import org.tantra.host.weights.WeightOpener;

/// The composition root: how the packages are put together. Guice sees the host's own classes here
/// and nowhere else, and never a class of a plugin.
final class HostModule extends AbstractModule {
  private final HostOptions options;
  private final HostConfig config;

  HostModule(HostOptions options, HostConfig config) {
    this.options = options;
    this.config = config;
  }

  @Override
  protected void configure() {
    binder().requireExplicitBindings();
    bind(HostOptions.class).toInstance(options);
    bind(HostConfig.class).toInstance(config);
    bind(InstantSource.class).toInstance(InstantSource.system());
    bind(ExtensionRegistry.class).toInstance(new ExtensionRegistry());
    bind(Compute.class).to(ComputePool.class);
  }

  private static ClassLoader hostLoader() {
    return HostModule.class.getClassLoader();
  }

  private Path run() {
    return options.home().resolve("run");
  }

  private boolean lowResource(MemoryBudget budget) {
    Boolean wanted =
        options.lowResource() != null ? options.lowResource() : config.models().lowResource();
    return wanted != null ? wanted : budget.small();
  }

  @Provides
  @Singleton
  MemoryBudget budget() {
    return MemoryBudget.of(config.models().budgetBytes());
  }

  @Provides
  @Singleton
  ComputePool computePool(MemoryBudget budget) {
    int cores = Runtime.getRuntime().availableProcessors();
    int wanted = config.models().threads() > 0 ? config.models().threads() : cores;
    return new ComputePool(lowResource(budget) ? Math.min(wanted, 2) : wanted, hostLoader());
  }

  @Provides
  @Singleton
  PluginThreads pluginThreads() {
    return new PluginThreads(Runtime.getRuntime().availableProcessors());
  }

  @Provides
  @Singleton
  SharedPackages sharedPackages() {
    return SharedPackages.of(hostLoader());
  }

  @Provides
  @Singleton
  ProcessFolder processFolder() {
    return ProcessFolder.open(run());
  }

  @Provides
  @Singleton
  Stager stager(ProcessFolder folder, SharedPackages shared) {
    return new Stager(folder.path().resolve("plugins"), shared);
  }

  @Provides
  @Singleton
  PluginRuntime runtime(ProcessFolder folder, SharedPackages shared) {
    String name = options.runtime() != null ? options.runtime() : config.plugins().runtime();
    return name.equals("felix")
        ? new FelixRuntime(folder.path().resolve("felix"), shared)
        : new Pf4jRuntime(folder.path().resolve("pf4j"), shared);
  }

  @Provides
  @Singleton
  Plugins plugins(
      PluginRuntime runtime,
      Stager stager,
      SharedPackages shared,
      ExtensionRegistry registry,
      PluginThreads threads,
      InstantSource clock) {
    var limits =
        new Plugins.Limits(
            config.plugins().startTimeout(),
            config.plugins().stopTimeout(),
            min(config.plugins().stopTimeout(), Plugins.Limits.DEFAULT.shutdown()));
    return new Plugins(
        runtime,
        stager,
        shared,
        CompatibilityCheck.ofThisHost(shared),
        registry,
        threads,
        limits,
        clock);
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  @Provides
  @Singleton
  PluginFolder pluginFolder(Plugins plugins, Stager stager, InstantSource clock) {
    List<Path> folders = new ArrayList<>(List.of(options.home().resolve("plugins")));
    folders.addAll(options.pluginFolders());
    return new PluginFolder(
        folders,
        stager,
        plugins,
        new DesiredState(run().resolve("plugins.json")),
        new PluginFolder.Timing(config.plugins().quiet(), config.plugins().poll()),
        clock);
  }

  @Provides
  @Singleton
  ConfigFolder configFolder() {
    return new ConfigFolder(options.home().resolve("Config"));
  }

  @Provides
  @Singleton
  WeightOpener weightOpener(ExtensionRegistry registry) {
    return new WeightOpener(registry);
  }

  @Provides
  @Singleton
  WeightFiles weightFiles(WeightOpener opener, ExtensionRegistry registry, PluginThreads threads) {
    WeightConverter converter = new WeightConverter(opener, registry);
    return new WeightFiles(opener, converter, new WeightGenerator(registry, threads, converter));
  }

  @Provides
  @Singleton
  Configurations configurations(ConfigFolder configs, WeightFiles weights) {
    return new Configurations(
        configs, options.home().resolve("Config"), new PlannedTypes(weights.generator()));
  }

  @Provides
  @Singleton
  WeightStore weightStore(WeightFiles weights, ConfigFolder configs, InstantSource clock) {
    return new WeightStore(options.home(), new HostStorePlugins(weights, configs), clock);
  }

  @Provides
  @Singleton
  CheckpointStore checkpointStore(WeightOpener opener, WeightStore store) {
    return new CheckpointStore(options.home(), opener, store);
  }

  @Provides
  @Singleton
  ModelCatalog modelCatalog(
      ExtensionRegistry registry, ConfigFolder configs, PluginThreads threads) {
    return new ModelCatalog(registry, configs, threads, run().resolve("models.json"));
  }

  @Provides
  @Singleton
  Models models(
      ExtensionRegistry registry,
      ConfigFolder configs,
      CheckpointStore store,
      ModelCatalog catalog,
      PluginThreads threads,
      Compute compute,
      MemoryBudget budget,
      WeightFiles weights,
      InstantSource clock) {
    FirstWeights first = new FirstWeights(options.home().resolve("Model"), weights.generator());
    return new Models(
        registry,
        configs,
        store,
        catalog,
        threads,
        compute,
        budget,
        config,
        lowResource(budget),
        config.weights().generateOnDemand() ? first::make : FirstUse.NOTHING,
        clock);
  }

  @Provides
  @Singleton
  ParityRunner parityRunner(
      ExtensionRegistry registry,
      CheckpointStore store,
      WeightOpener opener,
      PluginThreads threads,
      Compute compute) {
    return new ParityRunner(registry, store, opener, threads, compute);
  }

  @Provides
  @Singleton
  RunningHost host(
      Models models,
      ParityRunner parity,
      WeightFiles weights,
      WeightStore store,
      ConfigFolder configs,
      Configurations configurations,
      Plugins plugins,
      PluginFolder folder,
      ProcessFolder process,
      ComputePool compute) {
    return new RunningHost(
        options,
        config,
        models,
        parity,
        weights,
        store,
        configs,
        configurations,
        plugins,
        folder,
        process,
        compute);
  }
}
