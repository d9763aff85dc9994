namespace Starling.MessagingBenchmark;

/// <summary>The service under test.</summary>
public interface IEcho
{
    /// <summary>A small round trip.</summary>
    Task<int> AddAsync(int a, int b);

    /// <summary>A large one.</summary>
    Task<string> EchoAsync(string text);
}
