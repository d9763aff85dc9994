namespace Starling.LoadGenerator.Scenarios;

/// <summary>The scenarios by name.</summary>
internal static class ScenarioCatalog
{
    public static readonly string[] Names = ["all", "broadcast", "ack", "connect", "idle"];

    public static IReadOnlyList<IScenario> Choose(string name, LoadOptions options)
    {
        IScenario[] all = [new BroadcastScenario(options), new AckScenario(options), new ConnectScenario(options), new IdleScenario(options)];
        return name == "all" ? all : [.. all.Where(scenario => scenario.Name == name)];
    }
}
