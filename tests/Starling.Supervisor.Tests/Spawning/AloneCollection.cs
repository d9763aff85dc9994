namespace Starling.Supervisor.Tests.Spawning;

/// <summary>Tests that run while no other one does.</summary>
[CollectionDefinition(CollectionTests.Alone, DisableParallelization = true)]
public sealed class AloneCollection;
