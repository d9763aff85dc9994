using System.Net;
using Microsoft.Extensions.Logging;
using Starling.Apps.Cache.Console;
using Starling.Apps.Cache.Http;
using Starling.Apps.Cache.Links;
using Starling.Apps.Cache.Routing;
using Starling.Apps.Cache.Storage;
using Starling.Apps.Cache.Supervision;
using Starling.Messaging;
using Starling.Messaging.Links;

namespace Starling.Apps.Cache;

/// <summary>A running cache: main, and the services that it starts.</summary>
public sealed class CacheServer : IAsyncDisposable
{
    private readonly CacheOptions _options;
    private readonly RpcServer _server;
    private readonly ServiceDirectory _directory;
    private readonly Router _router;
    private readonly ServerConsole _console;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MemberKey? _key;
    private readonly ILogger _logger;
    private List<ServiceSupervisor> _supervisors = [];
    private HttpDoor? _door;
    private FolderLock? _lock;
    private string? _socketFolder;

    private CacheServer(CacheOptions options)
    {
        _options = options;
        _logger = options.LoggerFactory.CreateLogger("Starling.Apps.Cache");
        _key = options.Run == RunMode.Tcp ? options.Key is { } key ? new MemberKey(key) : MemberKey.Create() : null;
        _server = new RpcServer(new RpcServices(), new MessagingOptions
        {
            Identity = new PeerIdentity(Roles.Main, Roles.Main),
            IncludeErrorDetails = true,
            CloseTimeout = TimeSpan.FromSeconds(1),
            HeartbeatInterval = MemberHost.Heartbeat,
            HeartbeatTimeout = MemberHost.Heartbeat,
            LoggerFactory = options.LoggerFactory,
            TimeProvider = options.TimeProvider,
        });
        _directory = new ServiceDirectory(_server, options, _key, [.. Names().Select(service => service.Name)], _logger);
        _router = new Router(_directory, States, options, _logger);
        _console = new ServerConsole(_router, options.MaxWaiting, _logger);
    }

    /// <summary>Where services find main.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Where the cache is served over HTTP, or null.</summary>
    public IPEndPoint? Http => _door?.EndPoint;

    /// <summary>Ends when somebody has asked for the cache to stop.</summary>
    public Task Stopped => _stopped.Task;

    internal Router Router => _router;

    internal IReadOnlyList<ServiceSupervisor> Supervisors => _supervisors;

    /// <summary>Starts main and its services; they may still be on their way when it returns.</summary>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">An address or the folder cannot be used.</exception>
    /// <exception cref="FormatException">The address for the services is none, or the key is too short.</exception>
    public static async Task<CacheServer> StartAsync(CacheOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var server = new CacheServer(options);
        try
        {
            Directory.CreateDirectory(options.Folder);
            server._lock = options.Start.Contains(Roles.Cache) ? new FolderLock(options.Folder) : null;
            server.Address = (await server._server.ListenAsync(server.ListenAddress(), cancellationToken)).ToString();
            if (options.Http is { } endPoint)
            {
                server._door = await HttpDoor.OpenAsync(
                    endPoint, server._router, options, () => server._stopped.TrySetResult(), server._logger, cancellationToken);
            }

            server._supervisors = [.. server.Names().Select(service => server.Supervise(service.Name, service.Role))];
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Carries out a line of the console.</summary>
    /// <param name="line">The line.</param>
    /// <param name="output">Where the answer goes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether to go on; no after <c>stop</c>.</returns>
    public async Task<bool> ConsoleAsync(string line, TextWriter output, CancellationToken cancellationToken)
    {
        var goesOn = await _console.HandleAsync(line, output, cancellationToken);
        if (!goesOn)
        {
            _stopped.TrySetResult();
        }

        return goesOn;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _router.Dispose();
        _directory.Dispose();
        await (_door?.DisposeAsync() ?? ValueTask.CompletedTask);
        await Task.WhenAll(_supervisors.Select(supervisor => supervisor.DisposeAsync().AsTask()));
        await _server.DisposeAsync();
        if (Directory.Exists(_socketFolder))
        {
            // Whoever cleans folders for files in passing may have been here before.
            Directory.Delete(_socketFolder, recursive: true);
        }

        _lock?.Dispose();
    }

    private string ListenAddress()
    {
        switch (_options.Run)
        {
            case RunMode.Threads:
                return $"inproc:cache-{Guid.NewGuid():N}";
            case RunMode.Processes when _options.Listen is null:
                // A short path, for that of a socket may not be long; the folder is this user's only.
                _socketFolder = Directory.CreateTempSubdirectory("starling-cache-").FullName;
                return "unix://" + Path.Combine(_socketFolder, "main.sock");
            default:
                var address = _options.Listen ?? "tcp://127.0.0.1:0";
                var (scheme, form) = _options.Run == RunMode.Tcp ? (LinkScheme.Tcp, "tcp://host:port") : (LinkScheme.Unix, "unix:///path");
                return LinkAddress.Parse(address).Scheme == scheme
                    ? address
                    : throw new FormatException($"'{address}' does not fit: the services are to run on {form}.");
        }
    }

    private IEnumerable<(string Name, string Role)> Names() => _options.Start.SelectMany(role => role == Roles.Fetch && _options.Fetchers > 1
        ? Enumerable.Range(1, _options.Fetchers).Select(number => ($"{role}-{number}", role))
        : [(role, role)]);

    private ServiceSupervisor Supervise(string name, string role)
    {
        var member = new MemberOptions
        {
            Role = role,
            Name = name,
            Address = Reachable(Address),
            Folder = _options.Folder,
            Key = _key,
            Runs = "thread " + name,
            LoggerFactory = _options.LoggerFactory,
            TimeProvider = _options.TimeProvider,
        };
        return new ServiceSupervisor(
            name,
            role,
            () => _options.Run == RunMode.Threads ? new ThreadRun(member) : new ProcessRun(_options.ServiceCommand, member),
            cancellationToken => _directory.WaitForSilenceAsync(name, cancellationToken),
            () => _directory.Drop(name),
            _options.TimeProvider,
            _logger);
    }

    /// <summary>Where processes of this machine find what listens at all of its addresses.</summary>
    private static string Reachable(string address) => address
        .Replace("tcp://0.0.0.0:", "tcp://127.0.0.1:", StringComparison.Ordinal).Replace("tcp://[::]:", "tcp://[::1]:", StringComparison.Ordinal);

    private IReadOnlyList<ServiceState> States()
    {
        var joined = _directory.All;
        var own = _supervisors.Select(supervisor => joined.FirstOrDefault(link => link.Name == supervisor.Name) is { } link
            ? State(link, supervisor.Restarts)
            : State(supervisor));
        var others = joined.Where(link => _supervisors.TrueForAll(supervisor => supervisor.Name != link.Name)).Select(link => State(link, 0));
        return [.. own, .. others];
    }

    private ServiceState State(ServiceLink link, int restarts) => new(link.Name, link.Role, "ready", link.Runs, restarts, link.UnderWay, Waiting(link.Role));

    private ServiceState State(ServiceSupervisor supervisor)
    {
        var run = supervisor.Current;
        var state = run is null ? "away" : "starting";
        return new(supervisor.Name, supervisor.Role, state, run?.Description ?? "", supervisor.Restarts, 0, Waiting(supervisor.Role));
    }

    private int Waiting(string role) => _directory.Waiting.GetValueOrDefault(role);
}
