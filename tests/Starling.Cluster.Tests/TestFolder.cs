namespace Starling.Cluster.Tests;

/// <summary>A folder for one test, with a short path as sockets need it.</summary>
public sealed class TestFolder : IDisposable
{
    public TestFolder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "sc-" + Guid.NewGuid().ToString("N")[..12]);

    public string[] Sockets => [.. Directory.GetFiles(Path, "*.sock").Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
