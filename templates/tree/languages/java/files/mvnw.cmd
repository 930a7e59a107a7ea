@echo off
rem Runs Maven, which is fetched first where this version of it is not there yet.
setlocal
for /f "usebackq tokens=1,* delims==" %%a in ("%~dp0.mvn\wrapper\maven-wrapper.properties") do set "%%a=%%b"
for %%f in ("%distributionUrl%") do set "version=%%~nf"
if not defined MAVEN_USER_HOME set "MAVEN_USER_HOME=%USERPROFILE%\.m2"
set "home=%MAVEN_USER_HOME%\wrapper\dists\%version%"
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
if not exist "%home%\bin\mvn.cmd" "%java%" "%~dp0.mvn\wrapper\Fetch.java" "%distributionUrl%" "%distributionSha256Sum%" "%home%" || exit /b 1
"%home%\bin\mvn.cmd" %*
