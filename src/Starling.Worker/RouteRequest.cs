namespace Starling.Worker;

/// <summary>What the supervisor is asked to pass on.</summary>
internal sealed record RouteRequest<T>(string To, T Message, string Cmd = "STARLING_ROUTE");
