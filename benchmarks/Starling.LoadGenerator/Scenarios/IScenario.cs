using Starling.LoadGenerator.Servers;
using Starling.LoadGenerator.Statistics;

namespace Starling.LoadGenerator.Scenarios;

/// <summary>A load and what is measured under it.</summary>
internal interface IScenario
{
    string Name { get; }

    /// <summary>Open connections at most, which must fit into the limit on open files.</summary>
    int Connections { get; }

    /// <summary>Runs once against a freshly started server.</summary>
    /// <exception cref="LoadException">The server broke the protocol, lost or doubled something, or closed a connection.</exception>
    Task<ScenarioResult> RunAsync(ServerProcess server, CancellationToken cancellationToken);
}
