using System.Globalization;
using Microsoft.Extensions.Logging;
using Starling.Apps.Cache.Links;
using Starling.Messaging.Links;

namespace Starling.Apps.Cache;

/// <summary>One service as a process of its own.</summary>
public static class CacheService
{
    /// <summary>The environment variable with the key that services on TCP must know.</summary>
    public const string KeyVariable = MemberKey.Variable;

    /// <summary>Serves main until it shall stop. What is wrong with the parameters is said before anything begins.</summary>
    /// <param name="role"><c>cache</c> or <c>fetch</c>.</param>
    /// <param name="name">Its name, unique among the services of main; null for one of its own choice.</param>
    /// <param name="address">Where main is, such as <c>tcp://10.0.0.7:7300</c>.</param>
    /// <param name="folder">Folder of the entries, for the cache.</param>
    /// <param name="key">The key; needed on TCP.</param>
    /// <param name="isAttached">Whether main started it: it then ends when main is away for long, where another waits for main to come back.</param>
    /// <param name="loggerFactory">Where to log.</param>
    /// <param name="stopping">Ends it.</param>
    /// <exception cref="FormatException">There is no such role, or the name, the address or the key is none.</exception>
    /// <exception cref="IOException">Main is not there.</exception>
    /// <exception cref="Starling.Messaging.RpcException">Main refused the connection.</exception>
    public static Task RunAsync(
        string role, string? name, string address, string folder, string? key, bool isAttached, ILoggerFactory loggerFactory, CancellationToken stopping)
    {
        if (role is not (Roles.Cache or Roles.Fetch))
        {
            throw new FormatException($"There is no service '{role}'; there are cache and fetch.");
        }

        if (name is not null && !Introduction.IsName(name))
        {
            throw new FormatException($"The name of a service has 1 to {Introduction.MaxName} characters, none of them a control character.");
        }

        if (!LinkAddress.TryParse(address, out var link) || link.Scheme is not (LinkScheme.Unix or LinkScheme.Tcp))
        {
            throw new FormatException($"'{address}' is no address of main; it should look like unix:///run/cache.sock, no longer than a socket's path may be, or tcp://host:7300.");
        }

        // A socket's folder keeps strangers out; on TCP only the key does.
        var memberKey = link.Scheme != LinkScheme.Tcp ? null
            : new MemberKey(key ?? throw new FormatException($"On TCP a service must know the key of main: set {KeyVariable} to it."));
        var process = string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId}");
        return new MemberHost(new MemberOptions
        {
            Role = role,
            Name = name ?? $"{role}@{Environment.MachineName}/{Environment.ProcessId}",
            Address = address,
            Folder = folder,
            Key = memberKey,
            WaitsForMain = !isAttached,
            Runs = link.Scheme == LinkScheme.Tcp && !isAttached ? $"{process} on {Environment.MachineName}" : process,
            LoggerFactory = loggerFactory,
        }).RunAsync(null, stopping);
    }
}
