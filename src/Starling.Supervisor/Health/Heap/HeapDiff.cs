using System.Globalization;
using System.Text;

namespace Starling.Supervisor.Health.Heap;

/// <summary>
/// What a .NET worker's heap grew by until it reached its limit of memory. Owned by the worker, one for each process: <see cref="TakeBaselineAsync"/> when it has
/// been online for a while, <see cref="WriteAsync"/> before it is restarted. Not safe for use by several threads.
/// </summary>
public sealed class HeapDiff
{
    private const int MostTypes = 50;
    private readonly HeapInspector _inspector;
    private readonly int _processId;
    private HeapHistogram? _baseline;

    /// <summary>Makes one for a process for which <see cref="HeapInspector.CanInspect"/> is true.</summary>
    public HeapDiff(int processId, TimeProvider time)
    {
        _processId = processId;
        _inspector = new HeapInspector(processId, time);
    }

    /// <summary>The types that grew, those by most bytes first.</summary>
    public static IReadOnlyList<HeapGrowth> Between(HeapHistogram before, HeapHistogram after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        return
        [
            .. after.Types
                .Select(type => new HeapGrowth(type.Key, before.Types.GetValueOrDefault(type.Key), type.Value))
                .Where(growth => growth.Bytes > 0)
                .OrderByDescending(growth => growth.Bytes)
                .ThenBy(growth => growth.Type, StringComparer.Ordinal),
        ];
    }

    /// <summary>Takes the histogram that later ones are compared with.</summary>
    /// <exception cref="HeapSnapshotException">The process cannot be asked, or did not answer in time.</exception>
    public async Task TakeBaselineAsync(TimeSpan limit, CancellationToken cancellationToken) => _baseline = await _inspector.TakeAsync(limit, cancellationToken);

    /// <summary>Writes what grew since the baseline, or without one what there is, to a text file, and gives the types that grew.</summary>
    /// <param name="path">Path of the file; its folder is made.</param>
    /// <param name="title">First line: which worker, and why.</param>
    /// <param name="limit">Longest time that looking at the heap may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="HeapSnapshotException">The process cannot be asked, or did not answer in time.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public async Task<IReadOnlyList<HeapGrowth>> WriteAsync(string path, string title, TimeSpan limit, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var now = await _inspector.TakeAsync(limit, cancellationToken);
        var growth = Between(_baseline ?? new HeapHistogram(now.Time, new Dictionary<string, HeapTypeUse>()), now);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        await File.WriteAllTextAsync(path, Text(title, now, growth), cancellationToken);
        return growth;
    }

    private static string Line(string first, string second, string third, string fourth, string last) => $"{first,16} {second,12} {third,16} {fourth,12}  {last}\n";

    private static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private string Text(string title, HeapHistogram now, IReadOnlyList<HeapGrowth> growth)
    {
        var text = new StringBuilder();
        text.Append(title).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"Process {_processId}, {now.Time:yyyy-MM-dd HH:mm:ss} UTC: {Number(now.Types.Values.Sum(use => use.Bytes))} bytes in {Number(now.Types.Values.Sum(use => use.Count))} objects after a full collection.\n");
        text.Append(_baseline is { } before
            ? string.Create(CultureInfo.InvariantCulture, $"Compared with {before.Time:yyyy-MM-dd HH:mm:ss} UTC: {Number(before.Types.Values.Sum(use => use.Bytes))} bytes in {Number(before.Types.Values.Sum(use => use.Count))} objects.\n\n")
            : "There is no earlier histogram to compare with, so all there is counts as grown.\n\n");
        text.Append(Line("bytes grown", "objects", "bytes now", "objects", "type"));
        foreach (var type in growth.Take(MostTypes))
        {
            text.Append(Line(Signed(type.Bytes), Signed(type.Count), Number(type.After.Bytes), Number(type.After.Count), type.Type));
        }

        if (growth.Count > MostTypes)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{growth.Count - MostTypes} more types grew by {Number(growth.Skip(MostTypes).Sum(type => type.Bytes))} bytes together.\n");
        }

        return text.ToString();
    }

    private static string Signed(long number) => number > 0 ? "+" + Number(number) : Number(number);
}
