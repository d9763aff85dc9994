namespace Starling.Architecture.Tests;

/// <summary>Where the checkout is: the nearest folder above the test binaries that holds the solution.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Starling.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("Starling.slnx was not found above " + AppContext.BaseDirectory);
    }
}
