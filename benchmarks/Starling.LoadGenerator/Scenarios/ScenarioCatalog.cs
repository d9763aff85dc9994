namespace Starling.LoadGenerator.Scenarios;

/// <summary>The scenarios by name; all but the event stream, which has a peer of its own, speak Socket.IO.</summary>
internal static class ScenarioCatalog
{
    public static readonly string[] Names = ["all", "broadcast", "ack", "connect", "idle", "stream"];

    public static IReadOnlyList<IScenario> Choose(string name, LoadOptions options)
    {
        IScenario[] all = [new BroadcastScenario(options), new AckScenario(options), new ConnectScenario(options), new IdleScenario(options)];
        IScenario stream = new StreamScenario(options);
        return name == "all" ? all : [.. all.Append(stream).Where(scenario => scenario.Name == name)];
    }
}
