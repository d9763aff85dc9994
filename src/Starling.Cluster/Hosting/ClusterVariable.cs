namespace Starling.Cluster.Hosting;

/// <summary>
/// The environment variable that names the cluster's folder. It is taken out of the environment, so that programs which the application starts
/// don't join its cluster, and is then found in <see cref="AppContext"/>, where <c>UseStarlingWorker</c> puts it too.
/// </summary>
internal static class ClusterVariable
{
    private const string Name = "STARLING_CLUSTER";

    public static string? Take()
    {
        if (Environment.GetEnvironmentVariable(Name) is { Length: > 0 } folder)
        {
            AppContext.SetData(Name, folder);
            Environment.SetEnvironmentVariable(Name, null);
        }

        return AppContext.GetData(Name) as string;
    }
}
