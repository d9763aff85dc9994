using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Starling.Apps.Cache;
using Starling.Host.Serving;
using Starling.Host.Supervising;

namespace Starling.Host.Commands;

/// <summary>The options of <c>starling apps cache</c>.</summary>
internal sealed class CacheCommandOptions
{
    private static readonly FetchLimits Fetching = new();
    private static readonly StoreLimits Keeping = new();

    private readonly Option<string?> _listen = new("--listen")
    {
        Description = "Where services on TCP or a socket find main. Default: a socket, or a port of 127.0.0.1, of its own choice.",
        HelpName = "address",
    };

    private readonly Option<string> _start = new("--start")
    {
        Description = "Which services main starts: cache, fetch, both, or none. The others are started by hand.",
        HelpName = "both|cache|fetch|none",
        DefaultValueFactory = _ => "both",
    };

    private readonly Option<int> _fetchers = Number("--fetchers", "How many fetch services main starts.", 1);

    private readonly Option<string?> _data = new("--data")
    {
        Description = $"Folder in which the entries are kept. Default: {DataFolder.DefaultPath}",
        HelpName = "folder",
        CustomParser = result => result.Tokens[0].Value is { Length: > 0 } folder ? folder : Refuse<string>(result, "a folder"),
    };

    private readonly Option<IPEndPoint?> _http = new("--http")
    {
        Description = "Serves the cache over HTTP, such as 127.0.0.1:8090; port 0 lets the system choose. Whoever reaches it may use it.",
        HelpName = "address:port",
        CustomParser = result => IPEndPoint.TryParse(result.Tokens[0].Value, out var address)
            ? address
            : Refuse<IPEndPoint>(result, "an address and a port, such as 127.0.0.1:8090"),
    };

    private readonly Option<string[]> _httpHosts = new("--http-host")
    {
        Description = "A host name under which HTTP may be asked, besides addresses and localhost.",
        HelpName = "name",
    };

    private readonly Option<long> _maxSize = Bytes("--max-size", "Largest resource.", Fetching.MaxSize);
    private readonly Option<TimeSpan> _timeout = Time("--timeout", "Longest wait for a source's answer, and longest silence in its midst.", Fetching.Timeout);
    private readonly Option<TimeSpan> _maxTime = Time("--max-time", "Longest time of a whole fetch.", Fetching.MaxTime);
    private readonly Option<int> _maxRedirects = Number("--max-redirects", "How many redirects are followed.", Fetching.MaxRedirects, least: 0);
    private readonly Option<bool> _allowPrivate = new("--allow-private") { Description = "Fetches from private, local and other addresses that are not public, too." };
    private readonly Option<TimeSpan> _ttl = Time("--ttl", "How long an entry is kept.", Keeping.TimeToLive, mostDays: 365);
    private readonly Option<int> _maxEntries = Number("--max-entries", "How many entries are kept; the one not used for longest goes.", Keeping.MaxEntries);
    private readonly Option<long> _maxBytes = Bytes("--max-bytes", "How many bytes are kept; the entry not used for longest goes.", Keeping.MaxBytes);
    private readonly Option<long> _memory = Bytes(
        "--memory-threshold", "Up to how many bytes a body is also held in memory; 0 for none.", Keeping.MemoryThreshold, least: 0, most: 1L << 30);

    public Option<RunMode> Run { get; } = new("--run")
    {
        Description = "What the services are.",
        HelpName = "threads|processes|tcp",
        DefaultValueFactory = _ => RunMode.Threads,
        CustomParser = result => result.Tokens[0].Value.ToLowerInvariant() switch
        {
            "threads" => RunMode.Threads,
            "processes" => RunMode.Processes,
            "tcp" => RunMode.Tcp,
            _ => Wrong<RunMode>(result, "threads, processes or tcp"),
        },
    };

    public Option<string?> Service { get; } = new("--service") { Description = "Runs one service instead: cache or fetch.", HelpName = "cache|fetch" };

    public Option<string?> Connect { get; } = new("--connect") { Description = "With --service: where main is.", HelpName = "address" };

    public Option<string?> Name { get; } = new("--name") { Description = "With --service: its name, unique among the services." };

    public Option<bool> Attached { get; } = new("--attached") { Hidden = true };

    public IEnumerable<Option> All =>
    [
        Run, _listen, _start, _fetchers, _data, _http, _httpHosts, _maxSize, _timeout, _maxTime, _maxRedirects, _allowPrivate, _ttl, _maxEntries, _maxBytes,
        _memory, Service, Connect, Name, Attached,
    ];

    /// <summary>The folder of the entries. Main tells a process that it starts the very folder.</summary>
    public string Folder(ParseResult parsed) =>
        parsed.GetValue(Attached) && parsed.GetValue(_data) is { } exact ? exact : new DataFolder(parsed.GetValue(_data)).File("cache");

    /// <summary>Refuses options that would have no effect.</summary>
    /// <exception cref="FormatException">There is one.</exception>
    public void Check(ParseResult parsed)
    {
        if (parsed.GetValue(Service) is not null)
        {
            Refuse(parsed, All.Except([Service, Connect, Name, Attached, _data]), "is for main, not for a service: main tells the services their limits.");
            return;
        }

        Refuse(parsed, [Connect, Name], "needs --service cache or --service fetch.");
        if (parsed.GetValue(Run) == RunMode.Threads)
        {
            Refuse(parsed, [_listen], "needs --run tcp or --run processes: threads listen nowhere.");
        }
    }

    public CacheOptions Read(ParseResult parsed, ILoggerFactory logging) => new()
    {
        Run = parsed.GetValue(Run),
        Listen = parsed.GetValue(_listen),
        Start = parsed.GetValue(_start) switch
        {
            "both" => ["cache", "fetch"],
            "cache" => ["cache"],
            "fetch" => ["fetch"],
            "none" => [],
            var other => throw new FormatException($"--start {other} should be both, cache, fetch or none."),
        },
        Fetchers = parsed.GetValue(_fetchers),
        ServiceCommand = [.. SelfProgram.Command, "apps", "cache"],
        Key = Environment.GetEnvironmentVariable(CacheService.KeyVariable),
        Folder = Folder(parsed),
        Http = parsed.GetValue(_http),
        HttpHosts = parsed.GetValue(_httpHosts) ?? [],
        Fetch = new FetchLimits
        {
            MaxSize = parsed.GetValue(_maxSize),
            Timeout = parsed.GetValue(_timeout),
            MaxTime = parsed.GetValue(_maxTime),
            MaxRedirects = parsed.GetValue(_maxRedirects),
            AllowPrivate = parsed.GetValue(_allowPrivate),
        },
        Store = new StoreLimits
        {
            TimeToLive = parsed.GetValue(_ttl),
            MaxEntries = parsed.GetValue(_maxEntries),
            MaxBytes = parsed.GetValue(_maxBytes),
            MemoryThreshold = (int)parsed.GetValue(_memory),
        },
        LoggerFactory = logging,
    };

    private static void Refuse(ParseResult parsed, IEnumerable<Option> options, string reason)
    {
        if (options.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } given)
        {
            throw new FormatException($"{given.Name} {reason}");
        }
    }

    private static Option<int> Number(string name, string description, int value, int least = 1) => new(name)
    {
        Description = description,
        HelpName = "number",
        DefaultValueFactory = _ => value,
        CustomParser = result => int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : Wrong<int>(result, $"a whole number of at least {least} and at most {int.MaxValue}"),
    };

    private static Option<long> Bytes(string name, string description, long value, long least = 1, long most = long.MaxValue) => new(name)
    {
        Description = description,
        HelpName = "bytes",
        DefaultValueFactory = _ => value,
        CustomParser = result => Amount.TryParseBytes(result.Tokens[0].Value, out var bytes) && bytes >= least && bytes <= most
            ? bytes
            : Wrong<long>(result, most == long.MaxValue ? "a number of bytes, such as 1048576, 500M or 2G" : $"a number of bytes from {least} to {most}, such as 65536, 64K or 1M"),
    };

    private static Option<TimeSpan> Time(string name, string description, TimeSpan value, int mostDays = 1) => new(name)
    {
        Description = description,
        HelpName = "time",
        DefaultValueFactory = _ => value,
        CustomParser = result => Amount.TryParseTime(result.Tokens[0].Value, TimeSpan.FromDays(mostDays), out var time)
            ? time
            : Wrong<TimeSpan>(result, $"a time of at most {24 * mostDays} hours, such as 500ms, 30s, 15m, 2h or 1d"),
    };

    private static T? Refuse<T>(ArgumentResult result, string wanted)
        where T : class
    {
        _ = Wrong<int>(result, wanted);
        return null;
    }

    private static T Wrong<T>(ArgumentResult result, string wanted)
        where T : struct
    {
        result.AddError($"{((OptionResult)result.Parent!).Option.Name} '{result.Tokens[0].Value}' should be {wanted}.");
        return default;
    }
}
