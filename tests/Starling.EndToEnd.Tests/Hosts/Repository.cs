namespace Starling.EndToEnd.Tests.Hosts;

/// <summary>Paths of the checkout that the tests run in.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The built host, of the same configuration as the tests.</summary>
    public static string Host { get; } = Path.Combine(
        Root, "artifacts", "bin", "Starling.Host", new DirectoryInfo(AppContext.BaseDirectory).Name, "starling.dll");

    /// <summary>An application of Kestrel that is a worker.</summary>
    public static string WorkerTestApp { get; } = Path.Combine(
        Root, "artifacts", "bin", "Starling.Worker.TestApp", new DirectoryInfo(AppContext.BaseDirectory).Name, "Starling.Worker.TestApp.dll");

    public static string Screenshots { get; } = Directory.CreateDirectory(Path.Combine(Root, "artifacts", "screenshots")).FullName;

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Starling.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("Starling.slnx was not found above " + AppContext.BaseDirectory);
    }
}
