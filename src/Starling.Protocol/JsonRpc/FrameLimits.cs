namespace Starling.Protocol.JsonRpc;

/// <summary>How much one frame may ask of its reader.</summary>
/// <param name="MaxHeaderBytes">Longest header, the empty line included.</param>
/// <param name="MaxBodyBytes">Longest body.</param>
public sealed record FrameLimits(int MaxHeaderBytes = 4096, int MaxBodyBytes = 16 * 1024 * 1024);
