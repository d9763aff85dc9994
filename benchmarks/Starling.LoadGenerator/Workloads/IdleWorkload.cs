namespace Starling.LoadGenerator.Workloads;

/// <summary>Clients that do nothing but answer pings; any event is an error.</summary>
internal sealed class IdleWorkload : Workload;
