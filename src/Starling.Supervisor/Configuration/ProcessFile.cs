using System.Text;
using Starling.Supervisor.Configuration.Syntax;

namespace Starling.Supervisor.Configuration;

/// <summary>
/// Reads process files in PM2's form: <c>{ "apps": [...] }</c>, <c>{ "apps": {...} }</c>, a list of applications, or one application;
/// JSON with comments, trailing commas, single quotes and keys without quotes; YAML; or a script of Node that exports such a value.
/// </summary>
public static class ProcessFile
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether a path is that of a process file by its name: <c>.json</c>, <c>.config.js</c>, <c>.config.cjs</c>, <c>.config.mjs</c>, <c>.json5</c>, <c>.yml</c>, <c>.yaml</c>.</summary>
    public static bool IsProcessFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return IsScript(path) || path.EndsWith(".json", StringComparison.Ordinal) || path.EndsWith(".json5", StringComparison.Ordinal) || IsYaml(path);
    }

    /// <summary>Reads a file. Relative paths in it begin, as in PM2, in the current folder; where a script is not there, in the file's own.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="environment">Name of the chosen environment, for <c>append_env_to_name</c>; null for none.</param>
    /// <param name="allowMissing">
    /// Whether applications that this machine cannot run go into <see cref="ProcessFileResult.Failures"/>, as long as another one can run. Otherwise each is an exception.
    /// </param>
    /// <exception cref="ProcessFileException">The file cannot be read, is invalid, or none of its applications can run on this machine.</exception>
    public static ProcessFileResult Read(string path, string? environment = null, bool allowMissing = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var folders = new[] { Environment.CurrentDirectory, Path.GetDirectoryName(Path.GetFullPath(path))! };
        if (IsScript(path))
        {
            return Parse(ScriptedProcessFile.Run(path), folders, path, environment, isScript: true, allowMissing);
        }

        var text = Decode(Bytes(path), path);
        try
        {
            return Parse(text, folders, path, environment, isScript: false, allowMissing);
        }
        catch (ProcessFileException error) when (error.InnerException is ConfigSyntaxException && path.EndsWith(".json", StringComparison.Ordinal)
            && ScriptedProcessFile.TryEvaluate(path) is { } json)
        {
            var result = Parse(json, folders, path, environment, isScript: true, allowMissing);
            return result with { Warnings = [$"{path}: it is JavaScript, not JSON, and was run by Node: name it .config.js", .. result.Warnings] };
        }
    }

    /// <summary>Reads what a file would hold.</summary>
    /// <param name="json">The text.</param>
    /// <param name="folder">Folder that relative paths begin in; absolute.</param>
    /// <param name="file">Name for messages; the text is YAML when it ends with <c>.yml</c> or <c>.yaml</c>.</param>
    /// <param name="allowMissing">
    /// Whether applications that this machine cannot run go into <see cref="ProcessFileResult.Failures"/>, as long as another one can run. Otherwise each is an exception.
    /// </param>
    /// <exception cref="ProcessFileException">The text is invalid, or none of its applications can run on this machine.</exception>
    public static ProcessFileResult Parse(string json, string folder, string file = "process.json", bool allowMissing = false)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return Parse(json, [folder], file, null, isScript: false, allowMissing);
    }

    /// <inheritdoc cref="Parse(string, string, string, bool)"/>
    public static ProcessFileResult Parse(ReadOnlySpan<byte> json, string folder, string file = "process.json") =>
        Parse(Decode(json, file), folder, file);

    private static ProcessFileResult Parse(string json, string[] folders, string file, string? environment, bool isScript, bool allowMissing)
    {
        ConfigNode root;
        try
        {
            root = IsYaml(file) ? YamlParser.Parse(json) : ConfigParser.Parse(json);
        }
        catch (ConfigSyntaxException error)
        {
            throw new ProcessFileException(error.Message, file, error);
        }

        var result = new AppReader(file, folders, environment, hasLines: !isScript).Read(root);
        return result.Failures is [var failure, ..] && !allowMissing ? throw failure : result;
    }

    private static string Decode(ReadOnlySpan<byte> bytes, string file)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new ProcessFileException("the file is not UTF-8: save it as UTF-8", file);
        }
    }

    private static byte[] Bytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ProcessFileException("there is no such file", path);
        }
        catch (UnauthorizedAccessException)
        {
            throw new ProcessFileException(Directory.Exists(path) ? "this is a folder: name the file in it" : "the file may not be read: correct its permissions", path);
        }
        catch (IOException error)
        {
            throw new ProcessFileException($"the file cannot be read: {error.Message}", path);
        }
    }

    private static bool IsYaml(string path) => path.EndsWith(".yml", StringComparison.Ordinal) || path.EndsWith(".yaml", StringComparison.Ordinal);

    private static bool IsScript(string path) =>
        path.EndsWith(".config.js", StringComparison.Ordinal) || path.EndsWith(".config.cjs", StringComparison.Ordinal) || path.EndsWith(".config.mjs", StringComparison.Ordinal);
}
