namespace Starling.LoadGenerator.Scenarios;

/// <summary>The scenarios by name; all but the last two, which have peers of their own, speak Socket.IO.</summary>
internal static class ScenarioCatalog
{
    public static readonly string[] Names = ["all", "broadcast", "ack", "connect", "idle", "stream", "documents"];

    public static IReadOnlyList<IScenario> Choose(string name, LoadOptions options)
    {
        IScenario[] all = [new BroadcastScenario(options), new AckScenario(options), new ConnectScenario(options), new IdleScenario(options)];
        IScenario[] others = [new StreamScenario(options), new DocumentsScenario(options)];
        return name == "all" ? all : [.. all.Concat(others).Where(scenario => scenario.Name == name)];
    }
}
