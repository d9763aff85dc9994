using System.Text;
using Starling.Apps.LogReport.Counting;
using Starling.Apps.LogReport.Formats;
using Starling.Apps.LogReport.Reading;
using Starling.Apps.LogReport.Running;

namespace Starling.Apps.Tests.LogReport;

/// <summary>A log on the disk, deleted with the test.</summary>
internal sealed class LogFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("starling-logreport-test-");

    public LogFile(byte[] content)
    {
        Path = System.IO.Path.Combine(_folder.FullName, "access.log");
        File.WriteAllBytes(Path, content);
    }

    public LogFile(string content)
        : this(Encoding.Latin1.GetBytes(content))
    {
    }

    public string Path { get; }

    /// <summary>Reads it as the command does.</summary>
    public async Task<(PartialReport Report, IReadOnlyList<SourceFailure> Failures, LogSource Source)> ReadAsync(
        LogFormat format = LogFormat.Auto, ReportSettings? settings = null, int workers = 2)
    {
        using var source = LogSource.Open(0, Path, format);
        var context = new RunContext([source], settings ?? new ReportSettings(), workers);
        return (await ThreadRun.RunAsync(context, TestContext.Current.CancellationToken), [.. context.Failures], source);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
